import type { UploadRules } from '../../core/index.ts'
import type { HeldFiles } from './use-file-drag.ts'

/** What a zone says of files held over it. A hint: the uploader's rules alone decide, when they are dropped. */
export async function judgeHeld(
  types: readonly string[],
  { accept }: UploadRules,
  multiple: boolean,
): Promise<HeldFiles> {
  if (!multiple && types.length > 1) return 'reject'
  if (!accept) return 'accept'
  try {
    // The table of media types comes with the first drag, or is there already: the rules need it too.
    const { mayAcceptType } = await import('../../protocol/accept.ts')
    return types.every((type) => mayAcceptType(accept, type)) ? 'accept' : 'reject'
  } catch {
    return 'unknown'
  }
}
