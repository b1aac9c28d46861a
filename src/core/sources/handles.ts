/** The handles that Chromium gives with dropped and picked files: with one, a file is found again after a reload. */
const handles = new WeakMap<File, FileSystemFileHandle>()

/** Remembers where a file came from. */
export function rememberHandle(file: File, handle: FileSystemFileHandle): void {
  handles.set(file, handle)
}

/** Where a file came from; undefined where the browser did not say. */
export function handleOf(file: File): FileSystemFileHandle | undefined {
  return handles.get(file)
}
