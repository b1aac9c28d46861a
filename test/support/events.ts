import { fireEvent } from '@testing-library/react'

/** What is dragged or pasted: files, or text. */
function transferOf(content: readonly File[] | string): DataTransfer {
  const data = new DataTransfer()
  if (typeof content === 'string') data.setData('text/plain', content)
  else for (const file of content) data.items.add(file)
  return data
}

// Real events: Testing Library's own would copy the DataTransfer and lose its items.

/** Fires a drag event with files or text. Returns false where the page took it (prevented the default). */
export function drag(
  zone: Element,
  type: 'dragenter' | 'dragover' | 'dragleave' | 'drop',
  content: readonly File[] | string,
): boolean {
  const dataTransfer = transferOf(content)
  return fireEvent(zone, new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }))
}

/** Pastes files or text. Returns false where the page took it (prevented the default). */
export function paste(target: Element, content: readonly File[] | string): boolean {
  const clipboardData = transferOf(content)
  return fireEvent(target, new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
}
