import type { CSSProperties } from 'react'

/** Out of sight, not out of the accessibility tree. Inline, since live regions must work without the stylesheet. */
export const visuallyHidden: CSSProperties = {
  position: 'absolute',
  inlineSize: 1,
  blockSize: 1,
  margin: -1,
  padding: 0,
  border: 0,
  overflow: 'hidden',
  clipPath: 'inset(50%)',
  whiteSpace: 'nowrap',
}
