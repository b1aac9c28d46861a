/**
 * Drags and pastes as a browser sends them. Not Testing Library's: those call React's `act`, which a built Storybook
 * does not have.
 */
function transferOf(files: readonly File[]): DataTransfer {
  const transfer = new DataTransfer()
  for (const file of files) transfer.items.add(file)
  return transfer
}

/** Holds files over an element, or lets go of them. */
export function drag(target: Element, type: 'dragenter' | 'drop', files: readonly File[]): void {
  target.dispatchEvent(
    new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transferOf(files) }),
  )
}

/** Pastes files. Returns false where the page took them (prevented the default). */
export function paste(target: Element, files: readonly File[]): boolean {
  return target.dispatchEvent(
    new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: transferOf(files) }),
  )
}
