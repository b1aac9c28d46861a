import { markGenerated } from './generated.ts'
import type { FileBatch, FilesInput } from './types.ts'
import { chunkSize, nextTask } from './walk.ts'

export { relativePathOf } from './paths.ts'

/** Whatever `add()` takes, as files. Copied at once: Chromium empties a FileList when its input is cleared. */
export function filesFrom(input: FilesInput): File[] {
  const list = input instanceof Blob ? [input] : [...input]
  return list.map(asFile)
}

/** Milliseconds of work without a pause: the page stays smooth. */
const slice = 10

/**
 * Files of an `<input>` in batches, for choices of thousands: Chromium looks up the size of a chosen file on the disk
 * when it is first asked for, on the main thread (0.3 ms each, so 10,000 files are 3 s). Here that is done a few files
 * at a time, and the page may draw in between. Copies the list at once, so that the input can be cleared.
 *
 * @example
 * for await (const { files } of streamFiles(input.files)) uploader.add(files)
 */
export function streamFiles(list: Iterable<File> | null): AsyncIterable<FileBatch> {
  return sized([...(list ?? [])])
}

async function* sized(all: readonly File[]): AsyncGenerator<FileBatch, void, undefined> {
  let files: File[] = []
  let begun = performance.now()
  for (const file of all) {
    // Asking makes the browser look; it remembers the answer.
    if (file.size >= 0) files.push(file)
    if (files.length < chunkSize && performance.now() - begun < slice) continue
    yield { files, unreadable: [] }
    files = []
    await nextTask()
    begun = performance.now()
  }
  if (files.length > 0) yield { files, unreadable: [] }
}

function asFile(blob: File | Blob): File {
  if (blob instanceof File) return blob
  return markGenerated(new File([blob], `file${extensionOf(blob.type)}`, { type: blob.type }))
}

// A generated blob has a type and no name; an extension is what its reader will look at.
const extensionOf = (type: string): string => {
  const subtype = /^[a-z]+\/([a-z0-9]+)/i.exec(type)?.[1]
  return subtype ? `.${subtype === 'jpeg' ? 'jpg' : subtype}` : ''
}
