/** Which checksum a request promises, and does it hold? */
import { S3Error } from '../errors.ts'
import { checksumAlgorithms, type ChecksumAlgorithm } from '../store/records.ts'
import { digestLength } from './digest.ts'

/** Reads a header or a form field by its name in lower case. */
export type Lookup = (name: string) => string | undefined

/** A promised checksum; its value may come after the body, as a trailer. */
export interface ExpectedChecksum {
  readonly algorithm: ChecksumAlgorithm
  readonly value: string | undefined
}

const prefix = 'x-amz-checksum-'

/** `x-amz-checksum-crc32` for `CRC32`. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `${prefix}${algorithm.toLowerCase()}`
}

/** `ChecksumCRC32`, as XML names it. */
export function checksumElement(algorithm: ChecksumAlgorithm): string {
  return `Checksum${algorithm}`
}

/**
 * The one checksum that headers (or fields) announce, or `undefined`.
 * @param names all names sent that begin with `x-amz-checksum-`
 * @throws S3Error InvalidRequest where they contradict one another, InvalidDigest where the value cannot be one,
 * NotImplemented for algorithms that S3 knows and this server does not compute
 */
export function expectedChecksum(names: readonly string[], lookup: Lookup): ExpectedChecksum | undefined {
  const values = names.filter((name) => !['mode', 'type', 'algorithm'].includes(name.slice(prefix.length)))
  if (values.length > 1) {
    throw invalid('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.')
  }
  const trailer = lookup('x-amz-trailer')?.trim().toLowerCase()
  const name = values[0] ?? trailer
  const declared = lookup('x-amz-sdk-checksum-algorithm') ?? lookup('x-amz-checksum-algorithm')
  if (name === undefined) {
    if (declared === undefined) return undefined
    throw invalid(
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    )
  }
  if (values.length > 0 && trailer !== undefined) {
    throw invalid('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.')
  }
  const algorithm = checksumAlgorithms.find((one) => checksumHeader(one) === name)
  if (!algorithm) {
    throw name.startsWith(prefix)
      ? new S3Error('NotImplemented', { fields: [['Header', name]] })
      : invalid('The value specified in the x-amz-trailer header is not supported')
  }
  if (declared !== undefined && declared.toUpperCase() !== algorithm) {
    throw invalid(`Value for x-amz-sdk-checksum-algorithm header is invalid.`)
  }
  const value = values.length > 0 ? lookup(name) : undefined
  if (value !== undefined) requireDigest(value, algorithm, name)
  return { algorithm, value }
}

/** @throws S3Error InvalidDigest if the text is not base64 of so many bytes */
export function requireDigest(value: string, algorithm: ChecksumAlgorithm | 'MD5', name: string): void {
  const bytes = Buffer.from(value, 'base64')
  if (bytes.length === digestLength[algorithm] && bytes.toString('base64') === value) return
  throw new S3Error('InvalidDigest', {
    message:
      algorithm === 'MD5'
        ? 'The Content-MD5 you specified was invalid.'
        : `Value for ${name} header is invalid.`,
    fields: algorithm === 'MD5' ? [['Content-MD5', value]] : [],
  })
}

/** @throws S3Error BadDigest */
export function requireSame(algorithm: ChecksumAlgorithm | 'MD5', expected: string, computed: string): void {
  if (expected === computed) return
  throw algorithm === 'MD5'
    ? new S3Error('BadDigest', {
        message: 'The Content-MD5 you specified did not match what we received.',
        fields: [
          ['ExpectedDigest', expected],
          ['CalculatedDigest', computed],
        ],
      })
    : new S3Error('BadDigest', {
        message: `The ${algorithm} you specified did not match the calculated checksum.`,
      })
}

function invalid(message: string): S3Error {
  return new S3Error('InvalidRequest', { message })
}
