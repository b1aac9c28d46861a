import { fireEvent } from '@testing-library/react'

type DragType = 'dragenter' | 'dragover' | 'dragleave' | 'drop'

/** What is dragged or pasted: files, or text. */
function transferOf(content: readonly File[] | string): DataTransfer {
  const data = new DataTransfer()
  if (typeof content === 'string') data.setData('text/plain', content)
  else for (const file of content) data.items.add(file)
  return data
}

/** Files of which the browser shows nothing while they are held, as WebKit does. */
export const hidden = Symbol('files that cannot be seen')
type Content = readonly File[] | string | typeof hidden

/** A drag event with files or text. */
export function dragEvent(type: DragType, content: Content): DragEvent {
  const dataTransfer = content === hidden ? new DataTransfer() : transferOf(content)
  if (content === hidden) Object.defineProperty(dataTransfer, 'types', { value: ['Files'] })
  return new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true })
}

// Real events: Testing Library's own would copy the DataTransfer and lose its items.

/** Fires a drag event with files or text. Returns false where the page took it (prevented the default). */
export function drag(zone: Element, type: DragType, content: Content): boolean {
  return fireEvent(zone, dragEvent(type, content))
}

/** Pastes files or text. Returns false where the page took it (prevented the default). */
export function paste(target: Element, content: readonly File[] | string): boolean {
  const clipboardData = transferOf(content)
  return fireEvent(target, new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
}
