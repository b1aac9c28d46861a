import { describe, expect, test } from 'vitest'

import { presignedPost } from '../../src/backends/index.ts'
import type { PresignedPostOptions } from '../../src/backends/index.ts'
import { createUploader, UploadError } from '../../src/core/index.ts'
import type { UploadItem } from '../../src/core/index.ts'
import { scriptedTransport } from '../../src/testing/index.ts'
import { fileOf, first } from '../support/engine.ts'

const fields = { key: 'path/a b-1f.txt', policy: 'p', 'x-amz-signature': 's' }
const post = { url: 'https://bucket.test/', fields }

/** What the file ends as when the signing server answers so. */
async function endWith(
  answer: { status?: number; text: string },
  options: Partial<PresignedPostOptions> = {},
): Promise<{ item: UploadItem; transport: ReturnType<typeof scriptedTransport> }> {
  const transport = scriptedTransport()
  const uploader = createUploader({
    backend: presignedPost({ from: '/sign', ...options }),
    transport,
    retry: false,
  })
  const { id } = first(uploader.add(fileOf('a b.txt')))
  const ended = uploader.whenSettled([id])
  ;(await transport.next('/sign')).respond({ status: 200, ...answer })
  const upload = transport.next('bucket.test').then((sent) => sent.respond())
  const outcome = await Promise.race([ended, upload.then(() => ended)])
  return { item: first(Object.values(outcome).flat()), transport }
}

describe('the question', () => {
  test('is POST {"file_name"} as JSON, with the headers of the moment', async () => {
    const { transport } = await endWith(
      { text: JSON.stringify(post) },
      { headers: async () => ({ Authorization: 'Bearer t' }), credentials: 'include' },
    )
    expect(transport.requests[0]).toEqual({
      method: 'POST',
      url: '/sign',
      credentials: 'include',
      headers: [
        ['Content-Type', 'application/json'],
        ['Accept', 'application/json, application/problem+json'],
        ['Authorization', 'Bearer t'],
      ],
      body: { kind: 'text', text: '{"file_name":"a b.txt"}' },
    })
  })

  test('or a function', async () => {
    const transport = scriptedTransport()
    const backend = presignedPost({
      from: async ({ name }) => ({ url: 'https://b.test/', fields: { key: name } }),
    })
    const uploader = createUploader({ backend, transport })
    uploader.add(fileOf('a'))
    expect((await transport.next()).request).toMatchObject({
      url: 'https://b.test/',
      body: { fields: [['key', 'a']] },
    })
  })
})

describe('the answer', () => {
  const good: readonly [string, string][] = [
    ['an object', JSON.stringify(post)],
    ['encoded twice by a lambda', JSON.stringify(JSON.stringify(post))],
    [
      'API Gateway without proxy integration',
      JSON.stringify({ statusCode: 200, body: JSON.stringify(post) }),
    ],
    ['fields as pairs', JSON.stringify({ ...post, fields: Object.entries(fields) })],
  ]
  test.each(good)('%s: the fields are sent as they came, in order', async (_what, text) => {
    const { item, transport } = await endWith({ text })
    expect(item).toMatchObject({
      status: 'success',
      stored: { key: fields.key, location: 'https://bucket.test/path/a%20b-1f.txt' },
    })
    expect(transport.requests[1]?.body).toMatchObject({ fields: Object.entries(fields) })
  })

  const bad: readonly [string, { status?: number; text: string }, string][] = [
    ['HTML', { text: '<html>' }, 'bad-answer'],
    ['no fields', { text: '{"url":"https://bucket.test/"}' }, 'bad-answer'],
    ['a field that is no text', { text: '{"url":"https://bucket.test/","fields":{"key":1}}' }, 'bad-answer'],
    ['a URL that runs code', { text: '{"url":"javascript:alert(1)","fields":{}}' }, 'bad-answer'],
    ['a lambda that threw', { text: '{"errorMessage":"no","errorType":"E"}' }, 'signer-failed'],
    ['500', { status: 500, text: '{"message":"Internal server error"}' }, 'signer-failed'],
    ['401', { status: 401, text: '' }, 'unauthorized'],
    ['400', { status: 400, text: '' }, 'refused'],
  ]
  test.each(bad)('%s: an error at step prepare', async (_what, answer, code) => {
    const { item } = await endWith(answer)
    expect(item).toMatchObject({ status: 'error', step: 'prepare', error: { code } })
  })

  test('no answer: the signing server is named, the cause is kept', async () => {
    const transport = scriptedTransport()
    const uploader = createUploader({ backend: presignedPost({ from: '/sign' }), transport, retry: false })
    const failed = uploader.upload(fileOf('a')).catch((error: unknown) => error)
    ;(await transport.next()).fail()
    const error = await failed
    expect(error).toBeInstanceOf(UploadError)
    expect(error).toMatchObject({ code: 'signer-unreachable', cause: { code: 'network' } })
  })
})
