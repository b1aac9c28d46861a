/** The Range header of a read: one range, as S3 takes it. */
import { S3Error } from '../errors.ts'

/** Bytes from `start` to before `end`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** @returns `undefined` where the header is to be ignored: none, of another form, or several ranges. @throws S3Error InvalidRange */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? []
  if (header === undefined || first === undefined || last === undefined || first + last === '')
    return undefined
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1)
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined
  if (start >= size || end <= start) {
    throw new S3Error('InvalidRange', {
      fields: [
        ['RangeRequested', header],
        ['ActualObjectSize', String(size)],
      ],
      headers: { 'content-range': `bytes */${size}` },
    })
  }
  return { start, end }
}
