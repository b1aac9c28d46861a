/** Multipart uploads: create, parts, complete, abort (AWS: mpuoverview, API_CompleteMultipartUpload). */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  GetObjectTaggingCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'

import { readXmlElement } from '../../src/s3/xml.ts'
import type { Case } from './case.ts'
import { check } from './case.ts'
import { data, md5, minPart, origin } from './client.ts'
import { refusal, send } from './http.ts'
import type { Upload } from './parts.ts'
import { createUpload, fullPart, uploadPart } from './parts.ts'

const gone = '404 NoSuchUpload'

/** Presigned Complete of the parts that were uploaded. */
async function completeByUrl(upload: Upload) {
  const parts = upload.parts.map(
    ({ PartNumber, ETag }) => `<Part><PartNumber>${PartNumber}</PartNumber><ETag>${ETag}</ETag></Part>`,
  )
  const body = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`
  const url = await upload.s3.presign(new CompleteMultipartUploadCommand(upload.id))
  return send('POST', url, { headers: { 'content-type': 'application/xml' }, body })
}

export const multipart: readonly Case[] = [
  check(
    'mpu.whole',
    'create, two parts, complete: content, type, metadata and ETag',
    { complete: '200', intact: true, type: 'image/png', owner: 'ann', cache: 'max-age=60', etag: true },
    async (s3, key) => {
      const bodies = [fullPart(1), data]
      const upload = await createUpload(s3, key, {
        ContentType: 'image/png',
        Metadata: { owner: 'ann' },
        CacheControl: 'max-age=60',
      })
      for (const [at, body] of bodies.entries()) await uploadPart(upload, at + 1, body)
      const complete = await upload.complete()
      const { ContentType = null, Metadata, ETag, CacheControl = null } = await s3.head(key)
      const sums = Buffer.concat(bodies.map((body) => Buffer.from(md5(body, 'hex'), 'hex')))
      return {
        complete,
        intact: (await s3.read(key)).equals(Buffer.concat(bodies)),
        type: ContentType,
        owner: Metadata?.['owner'] ?? null,
        cache: CacheControl,
        etag: ETag === `"${md5(sums, 'hex')}-2"`,
      }
    },
  ),
  check('mpu.tags', 'tags that are named when it begins', ['200', 'a=1 b'], async (s3, key) => {
    const upload = await createUpload(s3, key, { Tagging: 'a=1%20b' })
    await uploadPart(upload, 1, data)
    const complete = await upload.complete()
    const { TagSet = [] } = await s3.client.send(new GetObjectTaggingCommand({ Bucket: s3.bucket, Key: key }))
    return [complete, TagSet.map(({ Key, Value }) => `${Key}=${Value}`).join()]
  }),
  check(
    'mpu.part',
    'a part answers with its MD5 as ETag, readable and exposed to a page',
    ['200', `"${md5(data, 'hex')}"`, origin, true],
    async (s3, key) => {
      const { id } = await createUpload(s3, key)
      const url = await s3.presign(new UploadPartCommand({ ...id, PartNumber: 1 }))
      const { verdict, headers } = await send('PUT', url, { headers: { origin }, body: data })
      const exposed = String(headers['access-control-expose-headers']).toLowerCase().includes('etag')
      return [verdict, headers.etag ?? null, headers['access-control-allow-origin'] ?? null, exposed]
    },
  ),
  check(
    'mpu.complete-answer',
    'Complete answers with Bucket, Key and the ETag of the object',
    { answer: '200', bucket: true, key: true, etag: true },
    async (s3, key) => {
      const upload = await createUpload(s3, key)
      await uploadPart(upload, 1, data)
      const { verdict, text } = await completeByUrl(upload)
      return {
        answer: verdict,
        bucket: readXmlElement(text, 'Bucket') === s3.bucket,
        key: readXmlElement(text, 'Key') === key,
        etag: readXmlElement(text, 'ETag') === (await s3.head(key)).ETag,
      }
    },
  ),
  check('mpu.invisible', 'there is no object before Complete', [false, true], async (s3, key) => {
    const upload = await createUpload(s3, key)
    await uploadPart(upload, 1, data)
    const before = await s3.has(key)
    await upload.complete()
    return [before, await s3.has(key)]
  }),
  check('mpu.small', 'a part under 5 MiB that is not the last', '400 EntityTooSmall', async (s3, key) => {
    const upload = await createUpload(s3, key)
    for (const number of [1, 2]) await uploadPart(upload, number, data)
    return upload.complete()
  }),
  check('mpu.etag', 'Complete with a wrong ETag', '400 InvalidPart', async (s3, key) => {
    const upload = await createUpload(s3, key)
    await uploadPart(upload, 1, data)
    return upload.complete([{ PartNumber: 1, ETag: '"00000000000000000000000000000000"' }])
  }),
  check('mpu.etag-bare', 'Complete with an ETag without its quotes', '200', async (s3, key) => {
    const upload = await createUpload(s3, key)
    await uploadPart(upload, 1, data)
    return upload.complete([{ PartNumber: 1, ETag: md5(data, 'hex') }])
  }),
  check('mpu.missing', 'Complete with a part that was never sent', '400 InvalidPart', async (s3, key) => {
    const upload = await createUpload(s3, key)
    const { headers } = await uploadPart(upload, 1, fullPart(1))
    return upload.complete([...upload.parts, { PartNumber: 2, ETag: headers.etag }])
  }),
  check('mpu.order', 'Complete with parts out of order', '400 InvalidPartOrder', async (s3, key) => {
    const upload = await createUpload(s3, key)
    for (const number of [1, 2]) await uploadPart(upload, number, fullPart(number))
    return upload.complete(upload.parts.toReversed())
  }),
  check('mpu.twice-named', 'Complete with a part named twice', 'refused', async (s3, key) => {
    const upload = await createUpload(s3, key)
    await uploadPart(upload, 1, fullPart(1))
    const answer = await upload.complete([...upload.parts, ...upload.parts])
    return answer.startsWith('4') ? 'refused' : answer
  }),
  check('mpu.empty', 'Complete without parts', 'refused', async (s3, key) => {
    const { id } = await createUpload(s3, key)
    const url = await s3.presign(new CompleteMultipartUploadCommand(id))
    return refusal(await send('POST', url, { body: '<CompleteMultipartUpload></CompleteMultipartUpload>' }))
  }),
  check('mpu.malformed', 'Complete with a body that is no XML', '400 MalformedXML', async (s3, key) => {
    const { id } = await createUpload(s3, key)
    const url = await s3.presign(new CompleteMultipartUploadCommand(id))
    return (await send('POST', url, { body: '<CompleteMultipartUpload><Part>' })).verdict
  }),
  check('mpu.replaced', 'a part sent twice: the last counts', ['200', 'second'], async (s3, key) => {
    const upload = await createUpload(s3, key)
    await uploadPart(upload, 1, data)
    const { headers } = await uploadPart(upload, 1, Buffer.from('second'))
    const answer = await upload.complete([{ PartNumber: 1, ETag: headers.etag }])
    return [answer, (await s3.read(key)).toString()]
  }),
  check(
    'mpu.replaced-etag',
    'a part sent twice: Complete with the first ETag',
    '400 InvalidPart',
    async (s3, key) => {
      const upload = await createUpload(s3, key)
      const { headers } = await uploadPart(upload, 1, data)
      await uploadPart(upload, 1, Buffer.from('second'))
      return upload.complete([{ PartNumber: 1, ETag: headers.etag }])
    },
  ),
  check('mpu.gap', 'part numbers with gaps', ['200', minPart + data.length], async (s3, key) => {
    const upload = await createUpload(s3, key)
    await uploadPart(upload, 2, fullPart(2))
    await uploadPart(upload, 10_000, data)
    return [await upload.complete(), (await s3.head(key)).ContentLength ?? null]
  }),
  check(
    'mpu.subset',
    'Complete with some of the parts: the others are left out',
    ['200', true],
    async (s3, key) => {
      const upload = await createUpload(s3, key)
      for (const number of [1, 2]) await uploadPart(upload, number, fullPart(number))
      return [await upload.complete(upload.parts.slice(0, 1)), await s3.has(key)]
    },
  ),
  check('mpu.number', 'part numbers 0 and 10001', ['refused', 'refused'], async (s3, key) => {
    const upload = await createUpload(s3, key)
    return [refusal(await uploadPart(upload, 0, data)), refusal(await uploadPart(upload, 10_001, data))]
  }),
  check(
    'mpu.other-number',
    'the URL of a part used for another',
    '403 SignatureDoesNotMatch',
    async (s3, key) => {
      const { id } = await createUpload(s3, key)
      const url = await s3.presign(new UploadPartCommand({ ...id, PartNumber: 1 }))
      return (await send('PUT', url.replace('partNumber=1', 'partNumber=2'), { body: data })).verdict
    },
  ),
  check('mpu.other-upload', 'an uploadId that does not exist', gone, async (s3, key) => {
    const upload = await createUpload(s3, key)
    const id = { ...upload.id, UploadId: `${upload.id.UploadId?.slice(0, -4)}AAAA` }
    return (await uploadPart({ s3, id, parts: [] }, 1, data)).verdict
  }),
  check('mpu.other-key', 'an uploadId used with another key', gone, async (s3, key) => {
    const upload = await createUpload(s3, key)
    return (await uploadPart({ s3, id: { ...upload.id, Key: `${key}-2` }, parts: [] }, 1, data)).verdict
  }),
  check(
    'mpu.abort',
    'after Abort there is no upload: part, Complete and a second Abort',
    { abort: '204', part: gone, complete: gone, again: gone },
    async (s3, key) => {
      const upload = await createUpload(s3, key)
      await uploadPart(upload, 1, data)
      return {
        abort: await upload.abort(),
        part: (await uploadPart({ ...upload, parts: [] }, 2, data)).verdict,
        complete: await upload.complete(),
        again: await upload.abort(),
      }
    },
  ),
  check('mpu.abort-url', 'Abort by presigned DELETE', '204', async (s3, key) => {
    const { id } = await createUpload(s3, key)
    return (await send('DELETE', await s3.presign(new AbortMultipartUploadCommand(id)))).verdict
  }),
  check('mpu.abort-keeps', 'Abort leaves an older object under the key', true, async (s3, key) => {
    await s3.put(key)
    await (await createUpload(s3, key)).abort()
    return (await s3.read(key)).equals(data)
  }),
  check(
    'mpu.complete-twice',
    'Complete a second time: 200 again, or 404 NoSuchUpload',
    'either',
    async (s3, key) => {
      const upload = await createUpload(s3, key)
      await uploadPart(upload, 1, data)
      await upload.complete()
      const again = await upload.complete()
      return again === '200' || again === gone ? 'either' : again
    },
  ),
  check('mpu.two', 'two uploads of one key: the one completed last stands', 'second', async (s3, key) => {
    const [first, second] = [await createUpload(s3, key), await createUpload(s3, key)]
    await uploadPart(first, 1, data)
    await uploadPart(second, 1, Buffer.from('second'))
    await first.complete()
    await second.complete()
    return (await s3.read(key)).toString()
  }),
  check('mpu.parallel', '8 parts at once', ['200', true], async (s3, key) => {
    const upload = await createUpload(s3, key)
    const numbers = Array.from({ length: 8 }, (_, at) => at + 1)
    await Promise.all(numbers.map((number) => uploadPart(upload, number, fullPart(number))))
    const parts = upload.parts.toSorted((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0))
    const answer = await upload.complete(parts)
    return [answer, md5(await s3.read(key)) === md5(Buffer.concat(numbers.map(fullPart)))]
  }),
]
