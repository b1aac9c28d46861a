/** The bucket's operations that the signer needs, each one call to S3. */
import { encodeKey, encodeRfc3986 } from '../../s3/key.ts'
import { createSigner } from '../../s3/sigv4.ts'
import { escapeXml, readXmlElement, readXmlRecords } from '../../s3/xml.ts'
import { ProblemError } from '../problem.ts'
import { addressesOf, urlOfKey } from './addresses.ts'
import type { Bucket, FoundPart } from './bucket-port.ts'
import { awsCapabilities } from './capabilities.ts'
import type { FetchLike, StorageOptions } from './options.ts'
import { createSender, longTimeout } from './send.ts'

const gone = 'NoSuchUpload'
const idOf = (uploadId: string): string => `uploadId=${encodeRfc3986(uploadId)}`

/** @throws TypeError if an option is missing or makes no sense */
export function createBucket(options: StorageOptions, fetch: FetchLike): Bucket {
  const { bucket, region, credentials } = options
  if (!bucket || !region || !credentials)
    throw new TypeError('storage needs `bucket`, `region` and `credentials`.')
  const addresses = addressesOf(options)
  const send = createSender(region, fetch)
  const at = (key: string, query = ''): string => urlOfKey(addresses.own, key) + query

  return {
    name: bucket,
    region,
    postUrl: addresses.post,
    can: { ...awsCapabilities, ...options.capabilities },
    locationOf: (key) => urlOfKey(addresses.public, key),
    credentials: async () => (typeof credentials === 'function' ? credentials() : credentials),

    async find(key, session) {
      const { status, headers } = await send(
        {
          method: 'HEAD',
          url: at(key),
          // Without it S3 keeps the object's digests to itself.
          headers: { 'x-amz-checksum-mode': 'ENABLED' },
          doing: 'look for the object',
          expected: [404],
        },
        session,
      )
      if (status === 404) return undefined
      return { size: sizeOf(headers), etag: headers.get('etag') ?? '', headers }
    },

    async createUpload(key, headers, session) {
      const { text } = await send(
        { method: 'POST', url: at(key, '?uploads='), headers, doing: 'begin an upload in parts' },
        session,
      )
      return readXmlElement(text, 'UploadId') ?? malformed('an upload without an id')
    },

    async uploadsOf(key, session) {
      const { uploads } = await this.openUploads(key, undefined, session)
      return uploads
        .filter((upload) => upload.key === key)
        .toSorted((a, b) => a.initiated - b.initiated)
        .map(({ uploadId }) => uploadId)
    },

    async openUploads(prefix, after, session) {
      const marker = after
        ? `&key-marker=${encodeRfc3986(after.key)}&upload-id-marker=${encodeRfc3986(after.uploadId)}`
        : ''
      const { text } = await send(
        {
          method: 'GET',
          url: `${addresses.own}/?uploads=&prefix=${encodeRfc3986(prefix)}${marker}`,
          doing: 'list open uploads',
        },
        session,
      )
      const uploads = readXmlRecords(text, 'Upload').flatMap((upload) => {
        const [key, uploadId] = [upload.get('Key'), upload.get('UploadId')]
        if (key === undefined || uploadId === undefined) return []
        return [{ key, uploadId, initiated: Date.parse(upload.get('Initiated') ?? '') }]
      })
      const [key, uploadId] = ['NextKeyMarker', 'NextUploadIdMarker'].map((name) =>
        readXmlElement(text, name),
      )
      const hasMore = readXmlElement(text, 'IsTruncated') === 'true' && key !== undefined
      return { uploads, ...(hasMore && { next: { key, uploadId: uploadId ?? '' } }) }
    },

    async listParts(key, uploadId, session) {
      const parts: FoundPart[] = []
      for (let marker = ''; ;) {
        const { text, code, status } = await send(
          {
            method: 'GET',
            url: at(key, `?${idOf(uploadId)}${marker}`),
            doing: 'list parts',
            expected: [gone, 404],
          },
          session,
        )
        if (code !== undefined || status === 404) return undefined
        for (const part of readXmlRecords(text, 'Part'))
          parts.push({
            number: Number(part.get('PartNumber')),
            size: Number(part.get('Size')),
            etag: part.get('ETag') ?? '',
          })
        const next = readXmlElement(text, 'NextPartNumberMarker')
        // A store that says "more" without saying where must not keep us here for ever.
        if (readXmlElement(text, 'IsTruncated') !== 'true' || next === undefined || parts.length >= 10_000)
          return parts
        marker = `&part-number-marker=${encodeRfc3986(next)}`
      }
    },

    async completeUpload({ key, uploadId, parts, createOnly }, session) {
      const listed = parts.map(
        ({ number, etag }) =>
          `<Part><PartNumber>${number}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`,
      )
      const xmlns = 'http://s3.amazonaws.com/doc/2006-03-01/'
      const refusals = ['InvalidPart', 'InvalidPartOrder', 'EntityTooSmall']
      const { code, status } = await send(
        {
          method: 'POST',
          url: at(key, `?${idOf(uploadId)}`),
          headers: {
            'content-type': 'application/xml',
            ...(createOnly && { 'if-none-match': '*' }),
          },
          body: `<CompleteMultipartUpload xmlns="${xmlns}">${listed.join('')}</CompleteMultipartUpload>`,
          doing: 'complete the upload',
          timeout: longTimeout,
          expected: [gone, 404, 412, ...refusals],
        },
        session,
      )
      if (status === 412) return 'exists'
      if (code === gone || status === 404) return 'gone'
      return code === undefined ? 'done' : 'refused'
    },

    async abortUpload(key, uploadId, session) {
      await send(
        {
          method: 'DELETE',
          url: at(key, `?${idOf(uploadId)}`),
          doing: 'abort the upload',
          expected: [gone, 404],
        },
        session,
      )
    },

    async copy(from, etag, to, session) {
      const { code, status } = await send(
        {
          method: 'PUT',
          url: at(to),
          headers: {
            'x-amz-copy-source': `/${bucket}/${encodeKey(from)}`,
            ...(etag !== '' && { 'x-amz-copy-source-if-match': etag }),
          },
          doing: 'copy the object to its place',
          timeout: longTimeout,
          expected: [412, 404],
        },
        session,
      )
      return code !== undefined || status >= 400 ? 'changed' : 'done'
    },

    async remove(key, session) {
      await send({ method: 'DELETE', url: at(key), doing: 'remove the object', expected: [404] }, session)
    },

    async list(prefix, cursor, session) {
      const after = cursor === undefined ? '' : `&continuation-token=${encodeRfc3986(cursor)}`
      const query = `?list-type=2&max-keys=100&prefix=${encodeRfc3986(prefix)}${after}`
      const { text } = await send(
        { method: 'GET', url: `${addresses.own}/${query}`, doing: 'list the stored files' },
        session,
      )
      const files = readXmlRecords(text, 'Contents').flatMap((object) => {
        const key = object.get('Key')
        if (key === undefined) return []
        const lastModified = Date.parse(object.get('LastModified') ?? '')
        return [{ key, size: Number(object.get('Size')), lastModified }]
      })
      const next = readXmlElement(text, 'NextContinuationToken')
      return { files, ...(next !== undefined && next !== '' && { cursor: next }) }
    },

    async presign({ method, key, query = {}, headers = {}, expiresIn }, { credentials: by, now }) {
      const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeRfc3986(value)}`)
      const url = urlOfKey(addresses.public, key) + (pairs.length > 0 ? `?${pairs.join('&')}` : '')
      const signer = createSigner({ credentials: by, region })
      const signed = await signer.presign({ method, url, headers, expiresIn, now: new Date(now) })
      return { url: signed.url, headers: Object.entries(signed.headers) }
    },
  }
}

function sizeOf(headers: Headers): number {
  const length = headers.get('content-length')
  return length === null ? malformed('an object without its length') : Number(length)
}

function malformed(what: string): never {
  throw new ProblemError(502, 'storage-failed', `The store answered with ${what}.`)
}
