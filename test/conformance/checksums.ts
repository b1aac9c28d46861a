/** Checksums: verified while storing, kept, and given back (AWS: checking-object-integrity-upload). */
import { Readable } from 'node:stream'

import { PutObjectCommand } from '@aws-sdk/client-s3'

import type { Case } from './case.ts'
import { check } from './case.ts'
import type { S3 } from './client.ts'
import { data, md5 } from './client.ts'
import type { Reply } from './http.ts'
import { refusal, send } from './http.ts'
import { createUpload, uploadPart } from './parts.ts'

/**
 * Of {@link data} and of `other`, in the order of the names: computed with zlib, OpenSSL and, for CRC32C and
 * CRC64NVME, by the parameters of the CRC catalogue (reversed polynomials 82F63B78 and 9A6C9329AC4BC9B5).
 */
const algorithms = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'] as const
const values: Readonly<Record<(typeof algorithms)[number], readonly [right: string, wrong: string]>> = {
  crc32: ['RzGesA==', '2Vg1IA=='],
  crc32c: ['0vSYMg==', 'uTja5A=='],
  crc64nvme: ['QF1TAxCVQm8=', 'IFGErwSMGpI='],
  sha1: ['dMeFF91OolVBdZyWoBBA1eJ2YCU=', '0JQeaNqPOBUf+Gph/Fn3xc+fyqI='],
  sha256: ['/685xwIEfEX252zl/YBbrgIQCExqnx5zV16rsu7nS8c=', '2SmKENGwc1g33EvYXaxkGw887yekfl1TpU8vP1svz/o='],
}
const name = (algorithm: string): string => `Checksum${algorithm.toUpperCase()}`
const header = (algorithm: string): string => `x-amz-checksum-${algorithm}`
const bad = '400 BadDigest'

async function put(s3: S3, key: string, headers: Readonly<Record<string, string>>): Promise<Reply> {
  const command = new PutObjectCommand({ Bucket: s3.bucket, Key: key })
  command.middlewareStack.add(
    (next) => (args) => {
      Object.assign((args.request as { headers: object }).headers, headers)
      return next(args)
    },
    { step: 'build', name: 'more headers' },
  )
  const url = await s3.presign(command, { unhoistableHeaders: new Set(Object.keys(headers)) })
  return send('PUT', url, { headers, body: data })
}

async function stored(s3: S3, key: string, algorithm: string): Promise<string | null> {
  const head = (await s3.head(key, { ChecksumMode: 'ENABLED' })) as unknown as Record<string, string>
  return head[name(algorithm)] ?? null
}

const putCases = algorithms.flatMap((algorithm) => {
  const [right, wrong] = values[algorithm]
  return [
    check(`sum.put-${algorithm}`, `${algorithm} on a PUT is kept`, ['200', right], async (s3, key) => {
      const { verdict } = await put(s3, key, { [header(algorithm)]: right })
      return [verdict, await stored(s3, key, algorithm)]
    }),
    check(
      `sum.put-${algorithm}-wrong`,
      `a wrong ${algorithm} on a PUT, which is not stored`,
      [bad, false],
      async (s3, key) => {
        const { verdict } = await put(s3, key, { [header(algorithm)]: wrong })
        return [verdict, await s3.has(key)]
      },
    ),
  ]
})

// S3 does not document CRC64NVME as a form field.
const postCases = algorithms
  .filter((algorithm) => algorithm !== 'crc64nvme')
  .flatMap((algorithm) => {
    const [right, wrong] = values[algorithm]
    return [
      check(
        `sum.post-${algorithm}`,
        `${algorithm} as a form field is kept`,
        ['204', right],
        async (s3, key) => {
          const { verdict } = await s3.post({ key, fields: { [header(algorithm)]: right } })
          return [verdict, await stored(s3, key, algorithm)]
        },
      ),
      check(
        `sum.post-${algorithm}-wrong`,
        `a wrong ${algorithm} as a form field`,
        [bad, false],
        async (s3, key) => {
          const { verdict } = await s3.post({ key, fields: { [header(algorithm)]: wrong } })
          return [verdict, await s3.has(key)]
        },
      ),
    ]
  })

export const checksums: readonly Case[] = [
  check(
    'sum.md5',
    'Content-MD5: right, wrong, malformed',
    ['200', bad, '400 InvalidDigest'],
    async (s3, key) => {
      const answers = []
      for (const value of [md5(data), md5(Buffer.from('other')), 'nonsense'])
        answers.push((await put(s3, key, { 'content-md5': value })).verdict)
      return answers
    },
  ),
  check('sum.md5-unsigned', 'Content-MD5 counts without being signed', bad, async (s3, key) => {
    const url = await s3.presign(new PutObjectCommand({ Bucket: s3.bucket, Key: key }))
    return (await send('PUT', url, { headers: { 'content-md5': md5(Buffer.from('other')) }, body: data }))
      .verdict
  }),
  ...putCases,
  check('sum.put-malformed', 'a checksum that is none', 'refused', async (s3, key) => {
    return refusal(await put(s3, key, { 'x-amz-checksum-sha256': 'nonsense' }))
  }),
  check('sum.query', 'a checksum in the query, as the SDK puts it, counts', ['200', bad], async (s3, key) => {
    const [right, wrong] = values.sha256
    const answers = []
    for (const ChecksumSHA256 of [right, wrong]) {
      const url = await s3.presign(new PutObjectCommand({ Bucket: s3.bucket, Key: key, ChecksumSHA256 }))
      answers.push((await send('PUT', url, { body: data })).verdict)
    }
    return answers
  }),
  check(
    'sum.sdk-presigned',
    "a URL by the SDK's defaults carries the CRC32 of nothing: any body is refused",
    bad,
    async (s3, key) => {
      const url = await s3.presign(new PutObjectCommand({ Bucket: s3.bucket, Key: key }), {}, s3.eager)
      return (await send('PUT', url, { body: data })).verdict
    },
  ),
  check('sum.sdk-put', "the SDK's PutObject with its defaults", ['200', true], async (s3, key) => {
    const answer = await s3.attempt(
      new PutObjectCommand({ Bucket: s3.bucket, Key: key, Body: data }),
      s3.eager,
    )
    return [answer, (await s3.read(key)).equals(data)]
  }),
  check(
    'sum.sdk-stream',
    "a stream by the SDK's defaults: aws-chunked, checksum behind it",
    ['200', true],
    async (s3, key) => {
      const body = { Body: Readable.from([data]), ContentLength: data.length }
      const answer = await s3.attempt(
        new PutObjectCommand({ Bucket: s3.bucket, Key: key, ...body }),
        s3.eager,
      )
      return [answer, await s3.has(key)]
    },
  ),
  check('sum.sdk-stream-plain', 'a stream by the SDK with WHEN_REQUIRED', ['200', true], async (s3, key) => {
    const body = { Body: Readable.from([data]), ContentLength: data.length }
    const answer = await s3.attempt(new PutObjectCommand({ Bucket: s3.bucket, Key: key, ...body }))
    return [answer, (await s3.read(key)).equals(data)]
  }),
  ...postCases,
  check('sum.post-md5', 'Content-MD5 as a form field', ['204', bad], async (s3, key) => {
    const answers = []
    for (const value of [md5(data), md5(Buffer.from('other'))])
      answers.push((await s3.post({ key, fields: { 'Content-MD5': value } })).verdict)
    return answers
  }),
  check('sum.part-md5', 'a part with a wrong Content-MD5', bad, async (s3, key) => {
    const upload = await createUpload(s3, key)
    return (await uploadPart(upload, 1, data, { 'content-md5': md5(Buffer.from('other')) })).verdict
  }),
  check(
    'sum.part',
    'checksums of parts: verified, listed, and completed with',
    { part: '200', wrong: bad, listed: values.sha256[0], complete: '200', object: true },
    async (s3, key) => {
      const [right, wrong] = values.sha256
      const upload = await createUpload(s3, key, { ChecksumAlgorithm: 'SHA256' })
      const refused = await uploadPart(upload, 1, data, { 'x-amz-checksum-sha256': wrong })
      const part = await uploadPart(upload, 1, data, { 'x-amz-checksum-sha256': right })
      const { Parts = [] } = await upload.list()
      const ETag = part.headers.etag
      const complete = await upload.complete([{ PartNumber: 1, ETag, ChecksumSHA256: right }])
      return {
        part: part.verdict,
        wrong: refused.verdict,
        listed: Parts[0]?.ChecksumSHA256 ?? null,
        complete,
        object: (await stored(s3, key, 'sha256'))?.endsWith('-1') ?? false, // a checksum of checksums
      }
    },
  ),
  check(
    'sum.part-complete',
    'Complete with another checksum than the part had',
    '400 InvalidPart',
    async (s3, key) => {
      const [right, wrong] = values.sha256
      const upload = await createUpload(s3, key, { ChecksumAlgorithm: 'SHA256' })
      const { headers } = await uploadPart(upload, 1, data, { 'x-amz-checksum-sha256': right })
      return upload.complete([{ PartNumber: 1, ETag: headers.etag, ChecksumSHA256: wrong }])
    },
  ),
]
