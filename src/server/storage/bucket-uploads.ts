import type { WireChecksum } from '../../protocol/wire.ts'
import { checksumAlgorithms } from '../../protocol/wire.ts'
/** The bucket's operations on uploads in parts, each one call to S3. */
import { encodeKey, encodeRfc3986 } from '../../s3/key.ts'
import { escapeXml, readXmlElement, readXmlRecords } from '../../s3/xml.ts'
import { hasAddress } from './addresses.ts'
import type { FoundPart, UploadCalls } from './bucket-port.ts'
import type { SendToStore } from './send.ts'
import { longTimeout, malformed } from './send.ts'

const gone = 'NoSuchUpload'
const idOf = (uploadId: string): string => `uploadId=${encodeRfc3986(uploadId)}`

/** Where the bucket's requests go. */
export interface BucketAddress {
  readonly name: string
  /** Of the bucket, without a slash at the end. */
  readonly own: string
  /** Of a key, with a query. */
  readonly at: (key: string, query?: string) => string
}

/** The value of `x-amz-copy-source`. An object without a version of its own has the version `null`, which can change. */
export const copySource = (bucket: string, key: string, version = 'null'): string =>
  `/${bucket}/${encodeKey(key)}${version === 'null' ? '' : `?versionId=${encodeRfc3986(version)}`}`

/** The calls of one bucket. */
export function createUploadCalls(send: SendToStore, { name, own, at }: BucketAddress): UploadCalls {
  return {
    async createUpload(key, headers, session) {
      const { text } = await send(
        { method: 'POST', url: at(key, '?uploads='), headers, doing: 'begin an upload in parts' },
        session,
      )
      return readXmlElement(text, 'UploadId') ?? malformed('an upload without an id')
    },

    async openUploads(prefix, after, session) {
      const marker = after
        ? `&key-marker=${encodeRfc3986(after.key)}&upload-id-marker=${encodeRfc3986(after.uploadId)}`
        : ''
      const url = `${own}/?uploads=&prefix=${encodeRfc3986(prefix)}${marker}`
      const { text } = await send({ method: 'GET', url, doing: 'list open uploads' }, session)
      const uploads = readXmlRecords(text, 'Upload').flatMap((upload) => {
        const [key, uploadId] = [upload.get('Key'), upload.get('UploadId')]
        if (key === undefined || uploadId === undefined || !hasAddress(key)) return []
        return [{ key, uploadId, initiated: Date.parse(upload.get('Initiated') ?? '') }]
      })
      const [key, uploadId] = ['NextKeyMarker', 'NextUploadIdMarker'].map((element) =>
        readXmlElement(text, element),
      )
      const hasMore = readXmlElement(text, 'IsTruncated') === 'true' && key !== undefined
      if (hasMore && key === after?.key && uploadId === after.uploadId)
        malformed('a list that does not go on')
      return { uploads, ...(hasMore && { next: { key, uploadId: uploadId ?? '' } }) }
    },

    async listParts(key, uploadId, session) {
      const parts: FoundPart[] = []
      for (let marker = ''; ;) {
        const url = at(key, `?${idOf(uploadId)}${marker}`)
        const { text, code, status } = await send(
          { method: 'GET', url, doing: 'list parts', expected: [gone, 404] },
          session,
        )
        if (code !== undefined || status === 404) return undefined
        const page = readXmlRecords(text, 'Part').map(readPart)
        parts.push(...page)
        const next = readXmlElement(text, 'NextPartNumberMarker')
        // A store that says "more" without saying where must not keep us here for ever.
        if (readXmlElement(text, 'IsTruncated') !== 'true' || next === undefined || parts.length >= 10_000)
          return parts
        if (page.length === 0) malformed('a list that does not go on')
        marker = `&part-number-marker=${encodeRfc3986(next)}`
      }
    },

    async completeUpload({ key, uploadId, parts, headers = {} }, session) {
      const xmlns = 'http://s3.amazonaws.com/doc/2006-03-01/'
      const refusals = ['InvalidPart', 'InvalidPartOrder', 'EntityTooSmall']
      const { code, status } = await send(
        {
          method: 'POST',
          url: at(key, `?${idOf(uploadId)}`),
          headers: { 'content-type': 'application/xml', ...headers },
          body: `<CompleteMultipartUpload xmlns="${xmlns}">${parts.map(writePart).join('')}</CompleteMultipartUpload>`,
          doing: 'complete the upload',
          timeout: longTimeout,
          expected: [gone, 404, 412, 'BadDigest', ...refusals],
        },
        session,
      )
      if (status === 412) return 'exists'
      if (code === gone || status === 404) return 'gone'
      if (code === 'BadDigest') return 'differs'
      return code === undefined ? 'done' : 'refused'
    },

    async abortUpload(key, uploadId, session) {
      const url = at(key, `?${idOf(uploadId)}`)
      await send({ method: 'DELETE', url, doing: 'abort the upload', expected: [gone, 404] }, session)
    },

    async copyPart({ from, etag, version, first, last }, { key, uploadId, number }, session) {
      const { text, code, status } = await send(
        {
          method: 'PUT',
          url: at(key, `?partNumber=${number}&${idOf(uploadId)}`),
          headers: {
            'x-amz-copy-source': copySource(name, from, version),
            'x-amz-copy-source-range': `bytes=${first}-${last}`,
            ...(etag !== '' && { 'x-amz-copy-source-if-match': etag }),
          },
          doing: 'copy a part of the object to its place',
          timeout: longTimeout,
          // 416: what replaced the source is shorter.
          expected: [412, 404, 416],
        },
        session,
      )
      if (code !== undefined || status >= 400) return undefined
      return readXmlElement(text, 'ETag') ?? malformed('a copied part without its ETag')
    },
  }
}

/** As ListParts and CompleteMultipartUpload call it. */
const elementOf = (algorithm: WireChecksum['algorithm']): string => `Checksum${algorithm.toUpperCase()}`

function readPart(part: ReadonlyMap<string, string>): FoundPart {
  const checksum = checksumAlgorithms.flatMap((algorithm): WireChecksum[] => {
    const value = part.get(elementOf(algorithm))
    return value === undefined || value === '' ? [] : [{ algorithm, value }]
  })[0]
  return {
    number: Number(part.get('PartNumber')),
    size: Number(part.get('Size')),
    etag: part.get('ETag') ?? '',
    ...(checksum && { checksum }),
  }
}

function writePart({ number, etag, checksum }: Omit<FoundPart, 'size'>): string {
  const name = checksum && elementOf(checksum.algorithm)
  const digest = checksum ? `<${name}>${escapeXml(checksum.value)}</${name}>` : ''
  return `<Part><PartNumber>${number}</PartNumber><ETag>${escapeXml(etag)}</ETag>${digest}</Part>`
}
