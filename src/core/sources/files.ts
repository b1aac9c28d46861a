import type { FilesInput } from '../types.ts'

export { relativePathOf } from './paths.ts'

/** Whatever `add()` takes, as files. Copied at once: Chromium empties a FileList when its input is cleared. */
export function filesFrom(input: FilesInput): File[] {
  const list = input instanceof Blob ? [input] : [...input]
  return list.map(asFile)
}

function asFile(blob: File | Blob): File {
  if (blob instanceof File) return blob
  return new File([blob], `file${extensionOf(blob.type)}`, { type: blob.type })
}

// A generated blob has a type and no name; an extension is what its reader will look at.
const extensionOf = (type: string): string => {
  const subtype = /^[a-z]+\/([a-z0-9]+)/i.exec(type)?.[1]
  return subtype ? `.${subtype === 'jpeg' ? 'jpg' : subtype}` : ''
}
