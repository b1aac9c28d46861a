/** Files that are nowhere but in this page: pasted pictures, and what the page has drawn or made. */
const generated = new WeakSet<File>()

/** Remembers that the file ends with the page: nobody can choose it again. Returns it. */
export function markGenerated(file: File): File {
  generated.add(file)
  return file
}

/** Does the file end with the page, as far as the kit knows? An app's own `new File()` looks like any other. */
export function isGenerated(file: File): boolean {
  return generated.has(file)
}
