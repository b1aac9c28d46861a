/** CORS: preflights, and headers on actual answers (AWS: ManageCorsUsing, RESTOPTIONSobject). */
import type { CORSRule } from '@aws-sdk/client-s3'
import {
  GetBucketCorsCommand,
  GetObjectCommand,
  PutBucketCorsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'

import type { Case } from './case.ts'
import { check } from './case.ts'
import { corsRules, data, origin } from './client.ts'
import type { Reply } from './http.ts'
import { send } from './http.ts'

type Rule = Partial<Omit<CORSRule, 'MaxAgeSeconds'>> & { readonly MaxAgeSeconds?: number | null | undefined }

const stranger = 'http://evil.example.test'
const header = (reply: Reply, name: string): string | null => {
  const value = reply.headers[`access-control-${name}`]
  return value === undefined ? null : String(value)
}
/** Whether a page of this origin may read the answer. */
const readable = (reply: Reply, by = origin): boolean =>
  [by, '*'].includes(header(reply, 'allow-origin') ?? '')
const list = (reply: Reply, name: string): string[] =>
  (header(reply, name)?.toLowerCase().split(',') ?? []).map((item) => item.trim()).toSorted()
const seen = (reply: Reply): string => `${reply.status}${readable(reply) ? ' readable' : ''}`

/** Their order within a rule means nothing. */
const summary = ({ AllowedOrigins = [], AllowedMethods = [], MaxAgeSeconds = null }: Rule) => [
  AllowedOrigins.toSorted(),
  AllowedMethods.toSorted(),
  MaxAgeSeconds,
]

export const cors: readonly Case[] = [
  check('cors.rules', 'rules come back as they were put', corsRules.map(summary), async (s3) => {
    const { CORSRules = [] } = await s3.client.send(new GetBucketCorsCommand({ Bucket: s3.bucket }))
    return CORSRules.map(summary)
  }),
  check('cors.preflight-post', 'a preflight for POST', { answer: '200 readable', post: true }, async (s3) => {
    const reply = await s3.preflight(origin, 'POST')
    return { answer: seen(reply), post: list(reply, 'allow-methods').includes('post') }
  }),
  check(
    'cors.preflight-put',
    'a preflight for PUT with headers',
    { answer: '200 readable', headers: ['content-type', 'x-amz-meta-a'] },
    async (s3) => {
      const reply = await s3.preflight(origin, 'PUT', 'content-type,x-amz-meta-a', '/a/b.txt')
      return { answer: seen(reply), headers: list(reply, 'allow-headers') }
    },
  ),
  check('cors.max-age', 'a preflight says how long it holds', '600', async (s3) => {
    return header(await s3.preflight(origin, 'POST'), 'max-age')
  }),
  check(
    'cors.preflight-expose',
    'a preflight says what will be exposed',
    ['etag', 'x-amz-checksum-sha256'],
    async (s3) => {
      return list(await s3.preflight(origin, 'POST'), 'expose-headers')
    },
  ),
  check('cors.origin', 'a preflight from an origin that no rule allows', '403', async (s3) => {
    return seen(await s3.preflight(stranger, 'POST'))
  }),
  check('cors.origin-slash', 'an origin is compared to the letter', ['403', '403'], async (s3) => [
    seen(await s3.preflight(`${origin}/`, 'POST')),
    seen(await s3.preflight(origin.replace(':3000', ''), 'POST')),
  ]),
  check('cors.method', 'a preflight for a method that no rule allows', '403', async (s3) => {
    return seen(await s3.preflight(origin, 'DELETE'))
  }),
  check('cors.wildcard', 'an origin with a wildcard', ['200', true, '403', false], async (s3) => {
    const inside = 'https://a.wild.test'
    const outside = 'https://wild.test'
    const [yes, no] = [await s3.preflight(inside, 'POST'), await s3.preflight(outside, 'POST')]
    return [`${yes.status}`, readable(yes, inside), `${no.status}`, readable(no, outside)]
  }),
  check('cors.headers', 'a header that the matching rule does not allow', ['200', '403'], async (s3) => [
    `${(await s3.preflight('https://strict.test', 'PUT', 'x-amz-meta-a')).status}`,
    `${(await s3.preflight('https://strict.test', 'PUT', 'x-other')).status}`,
  ]),
  check(
    'cors.first-rule',
    'the first matching rule counts: the second one exposes nothing',
    [['etag', 'x-amz-checksum-sha256'], []],
    async (s3) => [
      list(await s3.preflight(origin, 'PUT'), 'expose-headers'),
      list(await s3.preflight(stranger, 'PUT'), 'expose-headers'),
    ],
  ),
  check('cors.no-origin', 'OPTIONS without Origin', 'refused', async (s3) => {
    const { status } = await send('OPTIONS', s3.url, { headers: { 'access-control-request-method': 'PUT' } })
    return status >= 400 ? 'refused' : `${status}`
  }),
  check('cors.method-unknown', 'rules cannot name OPTIONS', '400 InvalidRequest', async (s3) => {
    const CORSRules = [{ AllowedOrigins: ['*'], AllowedMethods: ['OPTIONS'] }]
    return s3.attempt(new PutBucketCorsCommand({ Bucket: s3.bucket, CORSConfiguration: { CORSRules } }))
  }),
  check(
    'cors.post',
    'POST: readable, ETag exposed',
    { answer: '204 readable', etag: true, vary: true },
    async (s3, key) => {
      const reply = await s3.post({ key, headers: { origin } })
      const vary = String(reply.headers.vary).toLowerCase().includes('origin')
      return { answer: seen(reply), etag: list(reply, 'expose-headers').includes('etag'), vary }
    },
  ),
  check(
    'cors.put',
    'presigned PUT: readable, ETag exposed',
    { answer: '200 readable', etag: true },
    async (s3, key) => {
      const url = await s3.presign(new PutObjectCommand({ Bucket: s3.bucket, Key: key }))
      const reply = await send('PUT', url, { headers: { origin }, body: data })
      return { answer: seen(reply), etag: list(reply, 'expose-headers').includes('etag') }
    },
  ),
  check('cors.get', 'presigned GET: readable', '200 readable', async (s3, key) => {
    await s3.put(key)
    return seen(
      await send('GET', await s3.presign(new GetObjectCommand({ Bucket: s3.bucket, Key: key })), {
        headers: { origin },
      }),
    )
  }),
  check(
    'cors.stranger',
    'a POST from an origin that no rule allows is stored all the same, and unreadable',
    { answer: '204', stored: true },
    async (s3, key) => {
      const reply = await s3.post({ key, headers: { origin: stranger } })
      return {
        answer: `${reply.status}${readable(reply, stranger) ? ' readable' : ''}`,
        stored: await s3.has(key),
      }
    },
  ),
  check('cors.refused-post', 'a POST refused by its policy is readable', '403 readable', async (s3, key) => {
    return seen(await s3.post({ key, expiresIn: -60, headers: { origin } }))
  }),
  check('cors.refused-size', 'EntityTooLarge is readable', '400 readable', async (s3, key) => {
    return seen(await s3.post({ key, conditions: [['content-length-range', 0, 5]], headers: { origin } }))
  }),
  check(
    'cors.refused-signature',
    'a POST with a bad signature is readable',
    '403 readable',
    async (s3, key) => {
      const credentials = { ...s3.credentials, secretAccessKey: 'another secret' }
      return seen(await s3.post({ key, credentials, headers: { origin } }))
    },
  ),
  check('cors.refused-put', 'a PUT with a bad signature is readable', '403 readable', async (s3, key) => {
    const url = await s3.presign(new PutObjectCommand({ Bucket: s3.bucket, Key: key }))
    return seen(await send('PUT', url.replace(key, `${key}-2`), { headers: { origin }, body: data }))
  }),
  check('cors.not-found', '404 is readable', '404 readable', async (s3, key) => {
    return seen(
      await send('GET', await s3.presign(new GetObjectCommand({ Bucket: s3.bucket, Key: key })), {
        headers: { origin },
      }),
    )
  }),
  check('cors.none', 'without rules, preflights are refused', '403', async (s3) => {
    await s3.setCors(undefined)
    const reply = await s3.preflight(origin, 'POST')
    await s3.setCors(corsRules)
    return seen(reply)
  }),
]
