/** POST Object: what is answered, and where one may post (AWS: RESTObjectPOST). */
import { readXmlElement } from '../../src/s3/xml.ts'
import type { Case } from './case.ts'
import { check } from './case.ts'
import { data, md5 } from './client.ts'

const etag = `"${md5(data, 'hex')}"`

export const postAnswers: readonly Case[] = [
  check(
    'post.204',
    '204 by default: no body, ETag and Location',
    { answer: '204', body: 0, etag, location: true },
    async (s3, key) => {
      const { verdict, body, headers } = await s3.post({ key })
      const location = headers.location?.includes('post.204') ?? false
      return { answer: verdict, body: body.length, etag: headers.etag ?? null, location }
    },
  ),
  check('post.200', 'success_action_status 200: no body', ['200', 0], async (s3, key) => {
    const { verdict, body } = await s3.post({ key, fields: { success_action_status: '200' } })
    return [verdict, body.length]
  }),
  check(
    'post.201',
    'success_action_status 201: a document with Location, Bucket, Key and ETag',
    { answer: '201', bucket: true, key: true, etag, location: true, xml: true },
    async (s3, key) => {
      const odd = `${key}/a & b.txt`
      const { verdict, text, headers } = await s3.post({ key: odd, fields: { success_action_status: '201' } })
      return {
        answer: verdict,
        bucket: readXmlElement(text, 'Bucket') === s3.bucket,
        key: readXmlElement(text, 'Key') === odd,
        etag: readXmlElement(text, 'ETag') ?? null,
        location: readXmlElement(text, 'Location')?.startsWith('http') ?? false,
        xml: headers['content-type']?.includes('xml') ?? false,
      }
    },
  ),
  check('post.201-etag', '201 has the ETag as a header too', etag, async (s3, key) => {
    return (await s3.post({ key, fields: { success_action_status: '201' } })).headers.etag ?? null
  }),
  check('post.status-other', 'any other success_action_status counts as 204', '204', async (s3, key) => {
    return (await s3.post({ key, fields: { success_action_status: '418' } })).verdict
  }),
  check(
    'post.redirect',
    'success_action_redirect: 303 with bucket, key and etag',
    ['303', 'bucket', 'etag', 'key'],
    async (s3, key) => {
      const fields = { success_action_redirect: 'http://app.example.test/done' }
      const { verdict, headers } = await s3.post({ key, fields })
      return [verdict, ...[...new URL(headers.location ?? 'http://none').searchParams.keys()].toSorted()]
    },
  ),
  check(
    'post.error',
    'errors are XML, with a message and a request id',
    { answer: '403 AccessDenied', xml: true, message: true, id: true },
    async (s3, key) => {
      const { verdict, headers, text } = await s3.post({ key, expiresIn: -60 })
      return {
        answer: verdict,
        xml: headers['content-type']?.includes('xml') ?? false,
        message: Boolean(readXmlElement(text, 'Message')),
        id: Boolean(readXmlElement(text, 'RequestId')),
      }
    },
  ),
  check(
    'post.error-limit',
    'EntityTooLarge says what was sent and what is allowed',
    [`${data.length}`, '5'],
    async (s3, key) => {
      const { text } = await s3.post({ key, conditions: [['content-length-range', 0, 5]] })
      return ['ProposedSize', 'MaxSizeAllowed'].map((name) => readXmlElement(text, name) ?? null)
    },
  ),
  check('post.refused-not-stored', 'what is refused is not stored', false, async (s3, key) => {
    await s3.post({ key, conditions: [['content-length-range', 0, 5]] })
    return s3.has(key)
  }),
  check(
    'post.refused-not-replaced',
    'what is refused leaves the old object as it is',
    true,
    async (s3, key) => {
      await s3.put(key)
      await s3.post({ key, expiresIn: -60, file: { bytes: Buffer.from('other') } })
      return (await s3.read(key)).equals(data)
    },
  ),
  check('post.replace', 'a second POST replaces the first', 'second', async (s3, key) => {
    await s3.post({ key })
    await s3.post({ key, file: { bytes: Buffer.from('second') } })
    return (await s3.read(key)).toString()
  }),
  check('post.no-bucket', 'a bucket that does not exist', '404 NoSuchBucket', async (s3, key) => {
    const bucket = `${s3.bucket}-nope`
    return (await s3.post({ key, bucket, url: `${s3.url}-nope` })).verdict
  }),
  check('post.slash', 'a slash after the bucket', '204', async (s3, key) => {
    return (await s3.post({ key, url: `${s3.url}/` })).verdict
  }),
  check(
    'post.chunked',
    'Transfer-Encoding: chunked instead of Content-Length',
    '501 NotImplemented',
    async (s3, key) => {
      return (await s3.post({ key, chunked: true })).verdict
    },
  ),
]
