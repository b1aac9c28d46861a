/** Presigned URLs and signed headers (AWS: sigv4-query-string-auth, sigv4-auth-using-authorization-header). */
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'

import { encodeKey } from '../../src/s3/key.ts'
import { createSigner, emptyBodyHash, unsignedPayload } from '../../src/s3/sigv4.ts'
import type { Case } from './case.ts'
import { check } from './case.ts'
import type { S3 } from './client.ts'
import { data, md5 } from './client.ts'
import type { Outgoing, Reply } from './http.ts'
import { refusal, send } from './http.ts'

const mismatch = '403 SignatureDoesNotMatch'
const denied = '403 AccessDenied'

const putUrl = (s3: S3, key: string, input: object = {}, options: object = {}): Promise<string> =>
  s3.presign(new PutObjectCommand({ Bucket: s3.bucket, Key: key, ...input }), options)
const put = (url: string, headers: Outgoing['headers'] = {}, body = data): Promise<Reply> =>
  send('PUT', url, { headers, body })
/** Changes one hexadecimal digit of the signature. */
const forge = (url: string): string =>
  url.replace(/(X-Amz-Signature=)(.)/, (_, name: string, digit: string) => name + (digit === '0' ? '1' : '0'))
const query = (url: string, name: string, value: string): string => {
  const changed = new URL(url)
  changed.searchParams.set(name, value)
  return changed.href
}
/** A header-signed request by the kit's own signer. */
const signed = async (
  s3: S3,
  method: 'PUT' | 'GET',
  key: string,
  body: Buffer,
  options: { now?: Date; bodyHash?: string } = {},
) => {
  const url = `${s3.url}/${encodeKey(key)}`
  const { bodyHash = body.length > 0 ? unsignedPayload : emptyBodyHash, ...rest } = options
  const headers = await createSigner(s3).sign({ method, url, bodyHash, ...rest })
  return { url, headers }
}

export const presigned: readonly Case[] = [
  check(
    'put.sdk',
    "the SDK's presigned PUT; the ETag is the MD5",
    ['200', `"${md5(data, 'hex')}"`, true],
    async (s3, key) => {
      const { verdict, headers } = await put(await putUrl(s3, key))
      return [verdict, headers.etag ?? null, (await s3.read(key)).equals(data)]
    },
  ),
  check('put.kit', "the kit's presigned PUT", '200', async (s3, key) => {
    const url = `${s3.url}/${encodeKey(key)}`
    const headers = { 'content-type': 'image/png', 'cache-control': 'max-age=60', 'x-amz-meta-owner': 'ann' }
    const request = await createSigner(s3).presign({ method: 'PUT', url, headers, expiresIn: 600 })
    return (await put(request.url, request.headers)).verdict
  }),
  check(
    'put.signature',
    'a wrong signature',
    mismatch,
    async (s3, key) => (await put(forge(await putUrl(s3, key)))).verdict,
  ),
  check('put.no-signature', 'no signature', 'refused', async (s3, key) => {
    return refusal(await put((await putUrl(s3, key)).replace(/&X-Amz-Signature=[^&]*/, '')))
  }),
  check('put.key-id', 'an unknown access key', '403 InvalidAccessKeyId', async (s3, key) => {
    const url = await putUrl(s3, key)
    return (await put(url.replace(s3.credentials.accessKeyId, 'NOSUCHKEY00000000000'))).verdict
  }),
  check('put.other-key', 'a URL used for another key', mismatch, async (s3, key) => {
    return (await put((await putUrl(s3, key)).replace(`${key}?`, `${key}-2?`))).verdict
  }),
  check('put.other-method', 'a URL signed for GET used to PUT', mismatch, async (s3, key) => {
    return (await put(await s3.presign(new GetObjectCommand({ Bucket: s3.bucket, Key: key })))).verdict
  }),
  check('put.extra-query', 'a parameter added after signing', mismatch, async (s3, key) => {
    return (await put(`${await putUrl(s3, key)}&x-amz-acl=public-read`)).verdict
  }),
  check('put.expired', 'an expired URL', denied, async (s3, key) => {
    const signingDate = new Date(Date.now() - 60_000)
    return (await put(await putUrl(s3, key, {}, { expiresIn: 1, signingDate }))).verdict
  }),
  check('put.longer', 'X-Amz-Expires raised after signing', mismatch, async (s3, key) => {
    return (await put(query(await putUrl(s3, key), 'X-Amz-Expires', '3600'))).verdict
  }),
  check('put.too-long', 'X-Amz-Expires of more than seven days', 'refused', async (s3, key) => {
    return refusal(await put(query(await putUrl(s3, key), 'X-Amz-Expires', '604801')))
  }),
  check('put.future', 'a URL signed for tomorrow', 'refused', async (s3, key) => {
    const signingDate = new Date(Date.now() + 24 * 3600_000)
    return refusal(await put(await putUrl(s3, key, {}, { signingDate })))
  }),
  check('put.region', 'a URL signed for another region', 'refused', async (s3, key) => {
    const url = `${s3.url}/${encodeKey(key)}`
    const signer = createSigner({ ...s3, region: s3.region === 'eu-west-9' ? 'eu-west-8' : 'eu-west-9' })
    return refusal(await put((await signer.presign({ method: 'PUT', url, expiresIn: 600 })).url))
  }),
  check('put.type', 'a signed Content-Type, sent and not sent', ['200', mismatch], async (s3, key) => {
    const url = await putUrl(
      s3,
      key,
      { ContentType: 'image/png' },
      { signableHeaders: new Set(['content-type', 'host']) },
    )
    const replies = [
      await put(url, { 'content-type': 'image/png' }),
      await put(url, { 'content-type': 'text/html' }),
    ]
    return replies.map(({ verdict }) => verdict)
  }),
  check(
    'put.length',
    'a signed Content-Length: another size is refused',
    ['200', mismatch],
    async (s3, key) => {
      const url = await putUrl(s3, key, { ContentLength: data.length })
      return [(await put(url)).verdict, (await put(url, {}, Buffer.concat([data, data]))).verdict]
    },
  ),
  check(
    'put.metadata-query',
    'x-amz-meta-* in the query, as the SDK puts it, is stored',
    { owner: 'ann' },
    async (s3, key) => {
      await put(await putUrl(s3, key, { Metadata: { owner: 'ann' } }))
      return (await s3.head(key)).Metadata ?? null
    },
  ),
  check(
    'put.metadata-header',
    'x-amz-meta-* as a signed header is stored',
    { owner: 'ann' },
    async (s3, key) => {
      const options = { unhoistableHeaders: new Set(['x-amz-meta-owner']) }
      await put(await putUrl(s3, key, { Metadata: { owner: 'ann' } }, options), { 'x-amz-meta-owner': 'ann' })
      return (await s3.head(key)).Metadata ?? null
    },
  ),
  check('put.metadata-unsigned', 'x-amz-meta-* that was not signed', denied, async (s3, key) => {
    return (await put(await putUrl(s3, key), { 'x-amz-meta-owner': 'eve' })).verdict
  }),
  check('put.header-missing', 'a signed header is not sent', mismatch, async (s3, key) => {
    const options = { unhoistableHeaders: new Set(['x-amz-meta-owner']) }
    return (await put(await putUrl(s3, key, { Metadata: { owner: 'ann' } }, options))).verdict
  }),
  check('put.unicode', 'a key of letters, spaces and signs', ['200', true], async (s3, key) => {
    const odd = `${key}/ünï 日本 +&=?#!'()*~.txt`
    return [(await put(await putUrl(s3, odd))).verdict, (await s3.read(odd)).equals(data)]
  }),
  check('put.both-signatures', 'signed by query and by header at once', 'refused', async (s3, key) => {
    const { headers } = await signed(s3, 'PUT', key, data)
    return refusal(await put(await putUrl(s3, key), { authorization: headers['authorization'] ?? '' }))
  }),
  check('put.header-signed', "signed by header, by the kit's signer", '200', async (s3, key) => {
    const { url, headers } = await signed(s3, 'PUT', key, data)
    return (await put(url, headers)).verdict
  }),
  check('put.header-forged', 'signed by header, another body hash sent', 'refused', async (s3, key) => {
    const { url, headers } = await signed(s3, 'PUT', key, data)
    return refusal(await put(url, { ...headers, 'x-amz-content-sha256': emptyBodyHash }))
  }),
  check('put.skew', 'signed by header, 20 minutes ago', '403 RequestTimeTooSkewed', async (s3, key) => {
    const { url, headers } = await signed(s3, 'PUT', key, data, { now: new Date(Date.now() - 20 * 60_000) })
    return (await put(url, headers)).verdict
  }),
  check('put.skew-small', 'signed by header, 10 minutes ago', '200', async (s3, key) => {
    const { url, headers } = await signed(s3, 'PUT', key, data, { now: new Date(Date.now() - 10 * 60_000) })
    return (await put(url, headers)).verdict
  }),
  check(
    'put.chunked',
    'Transfer-Encoding: chunked instead of Content-Length',
    '501 NotImplemented',
    async (s3, key) => {
      return (await send('PUT', await putUrl(s3, key), { body: data, chunked: true })).verdict
    },
  ),
  check('put.no-bucket', 'a bucket that does not exist', '404 NoSuchBucket', async (s3, key) => {
    const command = new PutObjectCommand({ Bucket: `${s3.bucket}-nope`, Key: key })
    return (await put(await s3.presign(command))).verdict
  }),
  check(
    'put.content-sha256',
    "signed by header, another body than the hash's",
    '400 XAmzContentSHA256Mismatch',
    async (s3, key) => {
      const client = new S3Client({ ...s3.options })
      client.middlewareStack.add(
        (next) => (args) => {
          ;(args.request as { body: Buffer }).body = Buffer.alloc(data.length, 'A')
          return next(args)
        },
        { step: 'finalizeRequest', priority: 'low', name: 'swap' },
      )
      return s3.attempt(new PutObjectCommand({ Bucket: s3.bucket, Key: key, Body: data }), client)
    },
  ),
  check(
    'get.presigned',
    'a presigned GET, and one with a wrong signature',
    ['200', mismatch],
    async (s3, key) => {
      await s3.put(key)
      const url = await s3.presign(new GetObjectCommand({ Bucket: s3.bucket, Key: key }))
      return [(await send('GET', url)).verdict, (await send('GET', forge(url))).verdict]
    },
  ),
  check('get.anonymous', 'an unsigned GET', denied, async (s3, key) => {
    await s3.put(key)
    return (await send('GET', `${s3.url}/${key}`)).verdict
  }),
  check('head.presigned', 'a presigned HEAD', ['200', `${data.length}`, 0], async (s3, key) => {
    await s3.put(key)
    const { verdict, headers, body } = await send(
      'HEAD',
      await s3.presign(new HeadObjectCommand({ Bucket: s3.bucket, Key: key })),
    )
    return [verdict, headers['content-length'] ?? null, body.length]
  }),
]
