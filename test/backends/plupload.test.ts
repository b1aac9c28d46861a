/** The wire of PROTOCOLS 1. */
import { describe, expect, test } from 'vitest'

import { plupload } from '../../src/backends/index.ts'
import type { PluploadOptions, PluploadTypes } from '../../src/backends/index.ts'
import { wire } from '../support/backend-call.ts'
import type { WireAnswer } from '../support/backend-call.ts'
import { fileOf } from '../support/engine.ts'
import { asking, failureOf } from './conformance/stage.ts'

const image = { id: 7, clientFile: 'step-1 photo.png', imageUrl: 'https://s3.test/bkt/k?Signature=x' }
const formData = {
  acl: 'private',
  success_action_status: 201,
  key: 'pluploads/1/step-1 photo.png',
  Filename: 'pluploads/1/step-1 photo.png',
  'Content-Type': 'image/png',
  AWSAccessKeyId: 'AK',
  policy: 'cG9saWN5',
  signature: 'sig',
}
const saved = (more: object = {}): WireAnswer => ({
  text: JSON.stringify({ image, formUrl: 'http://bkt.s3.amazonaws.com', formData: { ...formData, ...more } }),
})
const backend = (options: Partial<PluploadOptions> = {}) =>
  plupload({ save: '/api?action=save', remove: '/api?action=delete', list: '/api?action=list', ...options })
const photo = fileOf('step-1 photo.png')

describe('the question', () => {
  test('holds the name and nothing else; the record is there before the upload', async () => {
    const call = wire([saved()])
    const [grant] = await backend({ headers: { 'X-Token': 't' } }).createUploads([asking(photo)], call)
    expect(call.sent).toEqual([
      {
        method: 'POST',
        url: '/api?action=save',
        body: { kind: 'text', text: '{"name":"step-1 photo.png"}' },
        headers: [
          ['Content-Type', 'application/json;charset=utf-8'],
          ['Accept', 'application/json, text/plain, */*'],
          ['X-Token', 't'],
        ],
      },
    ])
    expect(grant).toMatchObject({ ok: true, record: image, target: { expiresIn: 60 } })
  })

  test('another one for the same file makes another record, and the first is removed', async () => {
    const call = wire([saved(), { text: 'true' }])
    const previous = { image: { id: 6 } }
    const request = asking<PluploadTypes>(photo, { reason: 'renew', previous })
    expect(await backend().createUploads([request], call)).toMatchObject([{ ok: true, record: image }])
    expect(call.sent[1]).toMatchObject({ url: '/api?action=delete', body: { text: '{"id":6}' } })
  })

  test.each<[string, WireAnswer | undefined, object]>([
    ['cannot be removed', { status: 500, text: '' }, { image: { id: 6 } }],
    ['gets no answer', undefined, { image: { id: 6 } }],
    ['has no id', undefined, { image: 'x' }],
  ])('the upload goes on where the first record %s', async (_what, answer, previous) => {
    const call = wire(answer ? [saved(), answer] : [saved()])
    const request = asking<PluploadTypes>(photo, { reason: 'renew', previous: { image: null, ...previous } })
    expect(await backend().createUploads([request], call)).toMatchObject([{ ok: true }])
  })
})

describe('the form', () => {
  const names = async (answer: WireAnswer, options?: Partial<PluploadOptions>) => {
    const [grant] = await backend(options).createUploads([asking(photo)], wire([answer]))
    if (!grant?.ok || grant.target.type !== 'post') throw new Error('no form')
    return grant.target
  }

  test("Plupload's own name first, then the server's fields in their order, all as text", async () => {
    const { urls, fields } = await names(saved())
    expect(urls).toEqual(['http://bkt.s3.amazonaws.com'])
    expect(fields).toEqual([
      ['name', 'step-1 photo.png'],
      ...Object.entries(formData).map(([name, value]) => [name, String(value)]),
    ])
  })

  test("a name of the server's is its own, and sent once", async () => {
    const { fields } = await names(saved({ name: 'theirs' }))
    expect(fields.filter(([name]) => name === 'name')).toEqual([['name', 'theirs']])
  })

  test('servers whose policy knows no name get none', async () => {
    const { fields } = await names(saved(), { extraFields: () => [] })
    expect(fields[0]).toEqual(['acl', 'private'])
  })
})

describe('refusals', () => {
  test.each<[string, WireAnswer, object]>([
    [
      "the app's words",
      { status: 500, text: '{"code":-1,"message":"Something went wrong - no."}' },
      { code: 'refused', retry: 'never', userMessage: 'Something went wrong - no.' },
    ],
    [
      'without words',
      { status: 500, text: '{"code":-1}' },
      { code: 'refused', retry: 'never', userMessage: 'An unknown error occurred.' },
    ],
    [
      "a gateway's JSON",
      { status: 500, text: '{"message":"Internal server error"}' },
      { code: 'signer-failed', retry: 'later', userMessage: undefined },
    ],
    ['a login', { status: 401, text: '{"code":-1,"message":"Log in."}' }, { code: 'unauthorized' }],
    ['no image', { text: '{"formUrl":"https://b.test","formData":{}}' }, { code: 'bad-answer' }],
    [
      'a URL that runs code',
      { text: '{"image":{},"formUrl":"javascript:1","formData":{}}' },
      { code: 'bad-answer' },
    ],
    ['no form', { text: '{"image":{},"formUrl":"https://b.test"}' }, { code: 'bad-answer' }],
    ['a field that is a list', saved({ key: [] }), { code: 'bad-answer' }],
  ])('%s', async (_what, answer, error) => {
    expect(await backend().createUploads([asking(photo)], wire([answer]))).toMatchObject([
      { ok: false, error },
    ])
  })
})

describe('afterwards', () => {
  const ref = { image, location: 'http://bkt.s3.amazonaws.com/pluploads/1/step-1%20photo.png' }

  test('nobody is told; the record is the result', async () => {
    const call = wire([])
    expect(await backend().confirm?.(ref, { location: 'x' }, asking(photo), call)).toEqual(image)
    expect(call.sent).toEqual([])
  })

  test.each<[WireAnswer, unknown]>([
    [{ status: 206, text: 'a' }, { location: ref.location }],
    [{ status: 416 }, { location: ref.location }],
    [{ status: 404 }, 'absent'],
    [{ status: 403 }, 'unknown'],
    [{ status: 500 }, 'unknown'],
  ])('did it arrive? S3 says %j', async (answer, found) => {
    const call = wire([answer])
    expect(await backend().probe?.(ref, call)).toEqual(found)
    expect(call.sent).toEqual([{ method: 'GET', url: image.imageUrl, headers: [['Range', 'bytes=0-0']] }])
  })

  test('a bucket that pages may not read says nothing', async () => {
    expect(await backend().probe?.(ref, wire([]))).toBe('unknown')
    expect(await backend().probe?.({ image: { id: 1 } }, wire([]))).toBe('unknown')
  })

  test('a file that is given up or deleted: its record is removed', async () => {
    const call = wire([{ text: 'true' }, { text: 'true' }])
    await backend().release?.(ref, call)
    await backend().deleteObject?.(ref, call)
    expect(call.sent.map(({ url, body }) => [url, body])).toEqual(
      Array.from({ length: 2 }, () => ['/api?action=delete', { kind: 'text', text: '{"id":7}' }]),
    )
    const refused = backend().release?.(ref, wire([{ status: 500, text: '' }])) ?? Promise.resolve()
    expect(await failureOf(refused)).toMatchObject({ code: 'signer-failed' })
    const { remove: _, ...without } = { save: '/s', remove: '' }
    expect(plupload(without)).not.toHaveProperty('release')
  })

  test('the records that are there', async () => {
    const call = wire([{ text: JSON.stringify([image, 'junk', { id: 8, imageUrl: 'javascript:1' }]) }])
    expect(await backend().list?.(undefined, call)).toEqual({
      files: [
        { ref: { image }, name: image.clientFile, url: image.imageUrl, previewUrl: image.imageUrl },
        { ref: { image: { id: 8, imageUrl: 'javascript:1' } }, name: '' },
      ],
    })
  })
})
