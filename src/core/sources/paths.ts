/** Where files lay in the folder that they came with. Browsers say so only for folders from an input. */
const paths = new WeakMap<File, string>()

/** Remembers the place of a file, `folder/name`. */
export function rememberPath(file: File, path: string): void {
  paths.set(file, path)
}

/** `folder/name` of a file that came with its folder; undefined for one that did not. */
export function relativePathOf(file: File): string | undefined {
  // An app's own file-selector puts `relativePath` on dropped files: `./name` or `/folder/name`.
  const own = 'relativePath' in file && typeof file.relativePath === 'string' ? file.relativePath : ''
  const path = (paths.get(file) ?? (file.webkitRelativePath || own)).replace(/^\.?\//, '')
  return path.includes('/') ? path : undefined
}
