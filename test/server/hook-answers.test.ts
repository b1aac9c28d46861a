/** Answers of hooks that are of a wrong type: nothing is let through, and the app hears which hook it was. */
import { describe, expect, test } from 'vitest'

import { Reject } from '../../src/server/index.ts'
import { ask, askAbout, isGranted, storeOfAll } from './asking.ts'
import { credentials, storage } from './support.ts'
import type { Loose } from './wrong-values.ts'
import { neverRight } from './wrong-values.ts'

const noNumber = neverRight.filter(([, value]) => value !== -1)

test.each([...noNumber, ['undefined', undefined], ['a text', '1000'], ['true', true]] as const)(
  'quota: %s is refused',
  async (_why, room) => {
    const outcome = await ask({ quota: () => Promise.resolve(room) })
    expect(outcome.answer).toMatchObject({ status: 500, body: { code: 'internal' } })
    expect(outcome.reports).toEqual([expect.stringContaining('quota() must return')])
  },
)

test.each([
  [Infinity, true],
  [1000, true],
  [999.5, false],
  [0, false],
  [-5, false],
])('a quota of %d is understood', async (room, expected) => {
  const outcome = await ask({ quota: () => room })
  expect(isGranted(outcome)).toBe(expected)
  expect(outcome.reports).toEqual([])
})

test.each([...neverRight, ['undefined', undefined], ['a text', '5'], ['Infinity', Infinity]] as const)(
  'rateLimit: %s is refused, as is an object',
  async (_why, verdict) => {
    for (const wrong of [verdict, { success: true }]) {
      const outcome = await ask({ rateLimit: () => wrong })
      expect(outcome.answer).toMatchObject({ status: 500, body: { code: 'internal' } })
      expect(outcome.reports).toEqual([expect.stringContaining('rateLimit() must return')])
    }
  },
)

test.each([NaN, new Date(), undefined, '0', 5n, Infinity])('now: %o is refused', async (time) => {
  const outcome = await ask({ now: () => time })
  expect(outcome.answer.status).toBe(500)
  expect(outcome.reports).toEqual([expect.stringContaining('now() must return')])
})

test.each([...neverRight, ['users/undefined/a.png', 'users/undefined/a.png'], ['a number', 7]] as const)(
  'key: %s fails the file',
  async (_why, made) => {
    const outcome = await ask({ key: () => made })
    expect(outcome.answer.body).toMatchObject({ files: [{ ok: false, error: { code: 'refused' } }] })
    expect(outcome.reports).toEqual([expect.stringContaining('key()')])
  },
)

test.each(['users/ann/undefined', 'users/ann/null.png', 'undefined-users/a.png'])(
  'key: a file may be called %s',
  async (made) => {
    expect(isGranted(await ask({ key: () => made }))).toBe(true)
  },
)

const wrongObjects: readonly (readonly [name: string, options: unknown])[] = [
  // What is promised is awaited.
  ...neverRight.filter(([name]) => name !== 'a Promise').map(([, value]) => ['object()', value] as const),
  ['object()', undefined],
  ['object()', [{ createOnly: true }]],
  ['object().createOnly', { createOnly: 'false' }],
  ['object().createOnly', { createOnly: undefined }],
  ['object().sse', { sse: undefined }],
  ['object().sse', { sse: 'AES128' }],
  ['object().tags', { tags: [] }],
  ['object().metadata', { metadata: { a: 1 } }],
  ['object().contentDisposition', { contentDisposition: '' }],
  ['object().cacheControl', { cacheControl: 60 }],
  ['object().createonly', { createonly: true }],
]
test.each(wrongObjects)('%s: %o fails the file', async (name, options) => {
  const outcome = await ask({ object: () => options })
  expect(outcome.answer.body).toMatchObject({ files: [{ ok: false, error: { code: 'signer-failed' } }] })
  expect(outcome.reports).toEqual([expect.stringContaining(name)])
})

describe('what prepare and onComplete return', () => {
  const cycle: Loose = {}
  cycle['self'] = cycle

  test.each<[why: string, value: unknown, code: string]>([
    ['a bigint', { size: 5n }, 'signer-failed'],
    ['a cycle', cycle, 'signer-failed'],
    ['a Response', new Response(null, { status: 403 }), 'signer-failed'],
    ['an Error', new Error('over the plan'), 'signer-failed'],
    ['a Reject', new Reject('Over the plan.'), 'refused'],
  ])('prepare: %s grants nothing', async (_why, value, code) => {
    const outcome = await ask({ prepare: () => value })
    expect(outcome.answer.body).toMatchObject({ files: [{ ok: false, error: { code } }] })
    expect(outcome.reports).toHaveLength(code === 'refused' ? 0 : 1)
  })

  test.each<[why: string, value: unknown, status: number]>([
    ['a bigint', 5n, 500],
    ['a cycle', cycle, 500],
    ['a Response', new Response(null, { status: 403 }), 500],
    ['an Error', new Error('a virus'), 500],
    ['a Reject', new Reject('A virus.'), 422],
  ])('onComplete: %s does not confirm', async (_why, value, status) => {
    const outcome = await askAbout('confirm', { onComplete: () => value })
    expect(outcome.answer.status).toBe(status)
    expect(outcome.reports).toHaveLength(status === 500 ? 1 : 0)
  })

  test('a TypeError names the hook whose value has no JSON form', async () => {
    expect((await ask({ prepare: () => 5n })).reports[0]).toContain('prepare() must return')
    expect((await askAbout('confirm', { onComplete: () => cycle })).reports[0]).toContain('onComplete() must')
  })
})

test.each([...neverRight, ['undefined', undefined], ['users/undefined/', 'users/undefined/']] as const)(
  'list: %s lists nothing',
  async (_why, folder) => {
    const outcome = await askAbout('list', { list: () => folder })
    expect(outcome.answer.status).toBe(500)
    expect(outcome.reports).toEqual([expect.stringContaining('list() must return')])
  },
)

describe.each(['view', 'delete'])('%s', (action) => {
  test.each([
    ...neverRight,
    ['no', 'no'],
    ['true as text', 'true'],
    ['1', 1],
    ['undefined', undefined],
  ] as const)('%s is a no, with a report', async (_why, may) => {
    const outcome = await askAbout(action, { [action]: () => Promise.resolve(may) })
    expect(outcome.answer.status).toBe(403)
    expect(outcome.reports).toEqual([expect.stringContaining('must return true or false')])
  })

  test('true is a yes, false a no without a report', async () => {
    expect((await askAbout(action, { [action]: () => true })).answer.status).toBe(200)
    const outcome = await askAbout(action, { [action]: () => false })
    expect(outcome.answer.status).toBe(403)
    expect(outcome.reports).toEqual([])
  })
})

test('a wrong answer of view hides the addresses in a list', async () => {
  const outcome = await askAbout('list', { list: () => 'users/ann/', view: () => 'no' })
  expect(outcome.answer.status).toBe(200)
  expect(outcome.answer.text).toContain('photo.png')
  expect(outcome.answer.text).not.toContain('X-Amz-Signature')
})

test.each([undefined, 'no', 1, {}])('uploadState: %o removes nothing', async (taken) => {
  const methods: unknown[] = []
  const spy = (address: string, init: RequestInit): Promise<Response> => {
    methods.push(init.method)
    return storeOfAll(address, init)
  }
  const outcome = await askAbout('abort', { fetch: spy, uploadState: () => taken })
  expect(outcome.answer.status).toBe(500)
  expect(methods).not.toContain('DELETE')
})

test.each([true, false, undefined, null, {}, { success: false }, { issues: undefined }, 'ok', []])(
  'metadata: a schema that answers %o lets nothing pass',
  async (result) => {
    const metadata = { '~standard': { version: 1, vendor: 'own', validate: () => result } }
    const outcome = await ask({ metadata })
    expect(outcome.answer.status).toBe(500)
    expect(outcome.reports).toEqual([expect.stringContaining('validate()')])
  },
)

test.each<[name: string, provided: unknown]>([
  ['storage.credentials must', undefined],
  ['storage.credentials must', 'keys'],
  ['storage.credentials.accessKeyId', {}],
  ['storage.credentials.accessKeyId', { ...credentials, accessKeyId: '' }],
  ['storage.credentials.secretAccessKey', { ...credentials, secretAccessKey: undefined }],
  ['storage.credentials.expiration', { ...credentials, expiration: '2099-01-01' }],
  ['storage.credentials.expiration', { ...credentials, expiration: new Date('soon') }],
])('%s: a provider that answers %o grants nothing', async (name, provided) => {
  const outcome = await ask({ storage: { ...storage, credentials: () => Promise.resolve(provided) } })
  expect(outcome.answer.status).toBe(500)
  expect(outcome.reports).toEqual([expect.stringContaining(name)])
  expect(outcome.reports.join()).not.toContain(credentials.secretAccessKey)
})

test.each([undefined, {}, { ...credentials, secretAccessKey: '' }])(
  'storage.grantCredentials: a provider that answers %o does not fall back to the first key',
  async (provided) => {
    const outcome = await ask({ storage: { ...storage, grantCredentials: () => provided } })
    expect(outcome.answer.status).toBe(500)
    expect(outcome.reports).toEqual([expect.stringContaining('storage.grantCredentials')])
  },
)

test('a report names the kind of an answer, never the answer', async () => {
  const { reports } = await ask({ quota: () => 'password=hunter2' })
  expect(reports).toEqual([expect.stringMatching(/not a text\.$/)])
})
