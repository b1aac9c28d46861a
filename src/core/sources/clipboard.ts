import { markGenerated } from './generated.ts'

// Every browser calls a pasted image this, so two of them cannot be told apart in a list.
const anonymous = /^image\.(png|jpe?g|gif|webp|bmp|tiff?)$/i

/**
 * The files of a paste. Pasted screenshots all come as `image.png`: they get the time in their name.
 * Call it inside the event handler, since the clipboard is empty after the first `await`.
 * @param now milliseconds since 1970
 */
export function filesFromPaste(data: DataTransfer | null, now: number = Date.now()): File[] {
  const files = [...(data?.files ?? [])]
  const stamp = new Date(now).toISOString().slice(0, 19).replace('T', ' ').replaceAll(':', '.')
  return files.map((file, index) => {
    if (!anonymous.test(file.name)) return file
    const extension = file.name.slice(file.name.lastIndexOf('.'))
    const suffix = index === 0 ? '' : ` ${index + 1}`
    const { type, lastModified } = file
    return markGenerated(new File([file], `pasted ${stamp}${suffix}${extension}`, { type, lastModified }))
  })
}
