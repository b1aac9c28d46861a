/** The bucket's operations that the signer needs, each one call to S3. */
import { encodeRfc3986 } from '../../s3/key.ts'
import { createSigner } from '../../s3/sigv4.ts'
import { readXmlElement, readXmlRecords, taggingXml } from '../../s3/xml.ts'
import { ProblemError } from '../problem.ts'
import { addressesOf, hasAddress, urlOfKey } from './addresses.ts'
import type { Bucket } from './bucket-port.ts'
import { copySource, createUploadCalls } from './bucket-uploads.ts'
import { createCredentials } from './credential-source.ts'
import { environmentRegion } from './environment.ts'
import { knownCapabilities, takesFormsOnly } from './known-capabilities.ts'
import type { FetchLike, StorageOptions } from './options.ts'
import {
  createSender,
  globalFetch,
  grantingCredentials,
  longTimeout,
  malformed,
  type Session,
} from './send.ts'
import { checkStorage, regionName } from './storage-checks.ts'
import { headersToName } from './unsigned-headers.ts'
import { actsOnUnsignedHeaders } from './unsigned-probe.ts'

/** @throws TypeError if an option is missing, there and in the environment, or makes no sense */
export function createBucket(options: StorageOptions, fetch: FetchLike = globalFetch): Bucket {
  checkStorage(options)
  const { bucket, region = environmentRegion(), grantCredentials } = options
  regionName(region, 'storage.region')
  const addresses = addressesOf(options, region)
  const ownCredentials = createCredentials(options.credentials, 'storage.credentials')
  const forGrants = grantCredentials && createCredentials(grantCredentials, 'storage.grantCredentials')
  const send = createSender(region, fetch)
  const at = (key: string, query = ''): string => urlOfKey(addresses.own, key) + query
  const can = knownCapabilities(options)
  const asked = { name: bucket, own: addresses.own, at, send, fetch, takesForms: can.post }

  /** Supabase and Yandex tell no length of an empty object (supabase/storage#1388). The key itself comes first in a list. */
  const listedSize = async (key: string, session: Session): Promise<number> => {
    const url = `${addresses.own}/?list-type=2&max-keys=1&prefix=${encodeRfc3986(key)}`
    const { text } = await send({ method: 'GET', url, doing: 'look for the size' }, session)
    const [object] = readXmlRecords(text, 'Contents')
    const size = object?.get('Key') === key ? Number(object.get('Size') ?? NaN) : NaN
    return Number.isSafeInteger(size) ? size : malformed('an object without its length')
  }

  return {
    ...createUploadCalls(send, { name: bucket, own: addresses.own, at }),
    name: bucket,
    region,
    postUrl: addresses.post,
    can,
    isFormsOnly: takesFormsOnly(options, can),
    locationOf: (key) => urlOfKey(addresses.public, key),

    async openSession(now, signal, tell) {
      const [credentials, grant] = await Promise.all([ownCredentials(now, tell), forGrants?.(now, tell)])
      return { credentials, ...(grant && { grantCredentials: grant }), now, signal }
    },

    async formsOnly(folder, session, tell) {
      // With a key that cannot read, a copy fails for want of rights.
      if (grantCredentials !== undefined) return false
      if (can.unsignedHeaders !== 'ask') return can.unsignedHeaders === 'taken'
      return actsOnUnsignedHeaders(asked, { folder, session, tell })
    },

    async find(key, session) {
      const { status, headers } = await send(
        {
          method: 'HEAD',
          url: at(key),
          // Without it S3 keeps the object's digests to itself. B2 was reported to refuse it (xen-orchestra#8358).
          ...(can.checksums.length > 0 && { headers: { 'x-amz-checksum-mode': 'ENABLED' } }),
          doing: 'look for the object',
          expected: [404],
        },
        session,
      )
      if (status === 404) return undefined
      const length = headers.get('content-length')
      const size = length === null ? await listedSize(key, session) : Number(length)
      return { size, etag: headers.get('etag') ?? '', headers }
    },

    async tagsOf(key, session) {
      const { text } = await send({ method: 'GET', url: at(key, '?tagging='), doing: 'read tags' }, session)
      const tags = readXmlRecords(text, 'Tag').map((tag): [string, string] => [
        tag.get('Key') ?? '',
        tag.get('Value') ?? '',
      ])
      return new URLSearchParams(tags).toString().replaceAll('+', '%20')
    },

    async setTags(key, tags, session) {
      const headers = { 'content-type': 'application/xml' }
      const url = at(key, '?tagging=')
      await send({ method: 'PUT', url, headers, body: taggingXml(tags), doing: 'set tags' }, session)
    },

    async createEmpty(key, session) {
      await send(
        { method: 'PUT', url: at(key), body: '', doing: 'store that the upload was aborted' },
        session,
      )
    },

    async copy({ key, etag, version }, to, headers, session) {
      const { code, status } = await send(
        {
          method: 'PUT',
          url: at(to),
          headers: {
            ...headers,
            'x-amz-copy-source': copySource(bucket, key, version),
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
      const { text, status } = await send(
        {
          method: 'GET',
          url: `${addresses.own}/${query}`,
          doing: 'list the stored files',
          // A browser may say anything in place of a cursor.
          expected: cursor === undefined ? [] : [400],
        },
        session,
      )
      if (status === 400)
        throw new ProblemError(400, 'bad-request', 'The cursor is none that the list has given.')
      const files = readXmlRecords(text, 'Contents').flatMap((object) => {
        const key = object.get('Key')
        if (key === undefined || !hasAddress(key)) return []
        const lastModified = Date.parse(object.get('LastModified') ?? '')
        return [{ key, size: Number(object.get('Size')), lastModified }]
      })
      const next = readXmlElement(text, 'NextContinuationToken')
      if (next !== undefined && next === cursor) malformed('a list that does not go on')
      return { files, ...(next !== undefined && next !== '' && { cursor: next }) }
    },

    async presign({ method, key, query = {}, headers = {}, expiresIn }, session) {
      const isUpload = method === 'PUT'
      const by = isUpload ? grantingCredentials(session) : session.credentials
      const names = headersToName['partNumber' in query ? 'part' : 'object']
      const absent = isUpload && can.unsignedHeaders === 'named' ? names : []
      const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeRfc3986(value)}`)
      const url = urlOfKey(addresses.signed, key) + (pairs.length > 0 ? `?${pairs.join('&')}` : '')
      const signer = createSigner({ credentials: by, region })
      const now = new Date(session.now)
      const signed = await signer.presign({ method, url, headers, absent, expiresIn, now })
      const isSent = addresses.signed === addresses.public
      const shown = isSent
        ? signed.url
        : urlOfKey(addresses.public, key) + signed.url.slice(signed.url.indexOf('?'))
      return { url: shown, headers: Object.entries(signed.headers) }
    },
  }
}
