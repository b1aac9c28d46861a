import { fromEvent } from 'file-selector'

/**
 * The files of a drop, folders walked, each with its `relativePath`. Call it inside the event handler: the drag's
 * data is gone after the first `await`.
 */
export async function filesFromDrop(event: DragEvent): Promise<File[]> {
  const found = await fromEvent(event)
  return found.flatMap((one) => (one instanceof File ? [one] : []))
}

/** Does the drag carry files? False for text, links, and a page's own elements. */
export function dragHasFiles(data: DataTransfer | null): boolean {
  return data?.types.includes('Files') ?? false
}
