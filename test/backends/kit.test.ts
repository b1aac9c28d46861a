import { describe, expect, test, vi } from 'vitest'

import type { KitRef, KitTypes } from '../../src/backends/kit-types.ts'
import type { KitOptions } from '../../src/backends/kit.ts'
import { kit } from '../../src/backends/kit.ts'
import { UploadError } from '../../src/core/errors.ts'
import type { BackendCall, Grant, HttpRequest, HttpResponse, UploadRequest } from '../../src/core/ports.ts'
import type { UploadHandler, UploadHandlerOptions } from '../../src/server/index.ts'
import { createUploadHandler, Reject } from '../../src/server/index.ts'

const storage = {
  bucket: 'uploads',
  region: 'eu-central-1',
  credentials: {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  },
}
const stored = { location: 'https://uploads.example/k' }
const headed = (): Promise<Response> =>
  Promise.resolve(new Response(null, { headers: { 'content-length': '4', etag: '"e"' } }))

function aRequest(facts: Partial<UploadRequest<KitTypes>> = {}): UploadRequest<KitTypes> {
  return {
    id: 'item-1',
    source: new Blob(['text']),
    name: 'photo.png',
    size: 4,
    type: 'image/png',
    lastModified: 1_700_000_000_000,
    options: undefined,
    reason: 'first',
    accepts: ['post'],
    ...facts,
  }
}

/** The engine's side of a call, with this at the other end of the network. */
function lend(send: (request: HttpRequest) => Promise<HttpResponse>): BackendCall {
  return { signal: new AbortController().signal, now: Date.now, send }
}

/** Calls the handler without a network in between. */
function through(handler: UploadHandler): BackendCall {
  return lend(async ({ url, headers = [], body }) => {
    const text = body?.kind === 'text' ? body.text : ''
    const list = headers.map(([name, value]): [string, string] => [name, value])
    const answer = await handler(
      new Request(new URL(url, 'https://app.example.com'), { method: 'POST', headers: list, body: text }),
    )
    return { status: answer.status, headers: new Map(answer.headers), text: await answer.text() }
  })
}

/** A server that gives this one answer to everything. */
const answering = (status: number, text: string, type = 'application/json'): BackendCall =>
  lend(() => Promise.resolve({ status, text, headers: new Map([['content-type', type]]) }))

const problem = (code: string, detail: string, status: number): string =>
  JSON.stringify({ type: 'about:blank', title: 'x', status, detail, code })

const signer = (options: Partial<UploadHandlerOptions<string>> = {}): UploadHandler =>
  createUploadHandler({ storage, authorize: () => 'ann', fetch: headed, onError: () => {}, ...options })

const backend = kit({ endpoint: '/api/uploads' })
const confirm = (ref: KitRef, call: BackendCall): Promise<unknown> =>
  backend.confirm?.(ref, stored, aRequest(), call) ?? Promise.reject(new Error('no confirm'))

const throwing = (error: unknown) => (): never => {
  throw error
}

/** The error of a call that must fail. */
async function failure(promise: Promise<unknown>): Promise<UploadError> {
  const error: unknown = await promise.then(
    (value) => new Error(`It succeeded: ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  )
  if (error instanceof UploadError) return error
  throw error
}

function granted(grant: Grant<KitTypes> | undefined) {
  if (grant?.ok && grant.target.type === 'post') return { ref: grant.ref, target: grant.target }
  throw new Error(`Refused: ${JSON.stringify(grant)}`)
}

describe('with the signer', () => {
  test('files are granted or refused, each by itself and in order', async () => {
    const files = [
      aRequest({ id: '1', name: 'a.png' }),
      aRequest({ id: '2', name: 'b.png', size: 5000 }),
      aRequest({ id: '3', name: 'c.png' }),
    ]
    const grants = await backend.createUploads(files, through(signer({ maxSize: 1000 })))
    expect(grants.map(({ ok }) => ok)).toEqual([true, false, true])
    const first = granted(grants[0])
    expect(first.target.urls).toEqual(['https://uploads.s3.eu-central-1.amazonaws.com/'])
    expect(first.target.expiresIn).toBe(61)
    expect(new Map(first.target.fields).get('key')).toMatch(/\/a\.png$/)
    expect(new Map(granted(grants[2]).target.fields).get('key')).toMatch(/\/c\.png$/)
    expect(backend.parseRef(first.ref)).toBe(first.ref)
  })

  test('a refusal has its code and its numbers, and words only where the code has none', async () => {
    const files = [
      aRequest({ size: 5000 }),
      aRequest({ name: 'a.txt', type: 'text/plain' }),
      aRequest({ name: 'a\0.png' }),
      aRequest({ name: 'none.png' }),
    ]
    const key = ({ file }: { file: { name: string } }): string => {
      if (file.name === 'none.png') throw new Reject('Your space is used up.')
      return `x/${file.name}`
    }
    const handler = signer({ maxSize: 1000, accept: { 'image/*': [] }, key })
    const grants = await backend.createUploads(files, through(handler))
    const errors = grants.map((grant) => (grant.ok ? undefined : grant.error))
    expect(errors[0]).toMatchObject({ code: 'file-too-large', retry: 'never', limit: 1000, actual: 5000 })
    expect(errors[0]?.userMessage).toBeUndefined()
    expect(errors[1]).toMatchObject({ code: 'file-invalid-type', retry: 'never' })
    expect(errors[2]).toMatchObject({ code: 'refused', retry: 'never' })
    expect(errors[3]).toMatchObject({ code: 'refused', userMessage: 'Your space is used up.' })
  })

  test('the app’s own code of a rejection comes along', async () => {
    const rejects = ['used-up', 'too-dark']
    const key = throwing(new Reject('Your space is used up.', 'used-up'))
    const [grant] = await backend.createUploads([aRequest()], through(signer({ rejects, key })))
    expect(grant).toMatchObject({ ok: false, error: { rejectCode: 'used-up' } })
    const call = through(signer())
    const { ref } = granted((await backend.createUploads([aRequest()], call))[0])
    const onComplete = throwing(new Reject('Too dark.', 'too-dark'))
    const error = await failure(confirm(ref, through(signer({ rejects, onComplete }))))
    expect(error).toMatchObject({ code: 'confirm-failed', userMessage: 'Too dark.' })
    expect(error).toMatchObject({ rejectCode: 'too-dark' })
  })

  test('a renewal is for the same object, with the life that is asked for', async () => {
    const call = through(signer())
    const first = granted((await backend.createUploads([aRequest()], call))[0])
    const again = aRequest({ reason: 'renew', previous: first.ref, minimumLife: 1200.5 })
    const second = granted((await backend.createUploads([again], call))[0])
    expect(new Map(second.target.fields).get('key')).toBe(new Map(first.target.fields).get('key'))
    expect(second.target.expiresIn).toBe(1201)
  })

  test('a receipt that has run out asks for a new upload', async () => {
    let now = Date.UTC(2026, 10, 20)
    const call = through(signer({ now: () => now }))
    const first = granted((await backend.createUploads([aRequest()], call))[0])
    now += 8 * 86_400_000
    const [grant] = await backend.createUploads([aRequest({ reason: 'renew', previous: first.ref })], call)
    expect(grant).toMatchObject({ ok: false, error: { code: 'expired', retry: 'restart' } })
  })

  test('confirm gives back what the app returned', async () => {
    const onComplete = ({ key, user }: { key: string; user: string }) => ({ key, user })
    const call = through(signer({ onComplete }))
    const { ref, target } = granted((await backend.createUploads([aRequest()], call))[0])
    const key = new Map(target.fields).get('key')
    expect(await confirm(ref, call)).toEqual({ key, user: 'ann' })
    expect(await confirm(ref, through(signer()))).toBeNull()
  })

  test('what no file system makes spoils neither the call nor the other files', async () => {
    const files = [
      aRequest({ name: `${'x'.repeat(600)}.png` }),
      aRequest({
        type: `image/${'x'.repeat(300)}`,
        relativePath: 'x/'.repeat(1000),
        lastModified: -0.5,
        name: '\uD800.png',
      }),
    ]
    const grants = await backend.createUploads(files, through(signer()))
    expect(grants[0]).toMatchObject({ ok: false, error: { code: 'refused' } })
    expect(grants[1]?.ok).toBe(true)
    const send = vi.fn()
    const alone = await backend.createUploads(files.slice(0, 1), lend(send))
    expect(alone).toMatchObject([{ ok: false }])
    expect(send).not.toHaveBeenCalled()
  })

  test('50 files go in one call', async () => {
    const files = Array.from({ length: backend.batchSize }, (_, at) => aRequest({ id: `${at}` }))
    const grants = await backend.createUploads(files, through(signer()))
    expect(grants.filter(({ ok }) => ok)).toHaveLength(50)
    expect(backend.signsAhead(aRequest())).toBe(true)
  })
})

describe('headers and cookies', () => {
  async function sent(options: Omit<KitOptions, 'endpoint'>): Promise<HttpRequest[]> {
    const requests: HttpRequest[] = []
    const call = through(signer())
    const spy = lend((request) => {
      requests.push(request)
      return call.send(request)
    })
    const own = kit({ endpoint: '/api/uploads', ...options })
    const { ref } = granted((await own.createUploads([aRequest()], spy))[0])
    await own.confirm?.(ref, stored, aRequest(), spy)
    return requests
  }

  test('are on each call', async () => {
    const requests = await sent({ headers: { 'X-CSRF-Token': 't' }, credentials: 'include' })
    expect(requests).toHaveLength(2)
    for (const request of requests) {
      expect(request).toMatchObject({ method: 'POST', url: '/api/uploads', credentials: 'include' })
      expect(request.headers).toContainEqual(['X-CSRF-Token', 't'])
      expect(request.headers).toContainEqual(['Content-Type', 'application/json'])
    }
  })

  test('can be made anew for each call', async () => {
    let count = 0
    const requests = await sent({ headers: () => Promise.resolve({ Authorization: `Bearer ${++count}` }) })
    expect(requests.map(({ headers }) => headers?.at(-1))).toEqual([
      ['Authorization', 'Bearer 1'],
      ['Authorization', 'Bearer 2'],
    ])
  })

  test('cookies are left to the default where nothing is said', async () => {
    const [request] = await sent({})
    expect(request).not.toHaveProperty('credentials')
  })

  test('an error in headers() is told as such; the app’s own UploadError passes', async () => {
    const fault = new Error('token server is down')
    const send = vi.fn()
    const broken = kit({ endpoint: '/u', headers: () => Promise.reject(fault) })
    const error = await failure(broken.createUploads([aRequest()], lend(send)))
    expect(error).toMatchObject({ code: 'internal', cause: fault })
    expect(error.message).toContain('headers()')
    const own = new UploadError('unauthorized', 'never', 'Log in again.')
    const ending = kit({ endpoint: '/u', headers: () => Promise.reject(own) })
    expect(await failure(ending.createUploads([aRequest()], lend(send)))).toBe(own)
    expect(send).not.toHaveBeenCalled()
  })
})

describe('failures of a whole call', () => {
  const html = '<!doctype html><title>Bad Gateway</title>'

  test.each<[status: number, text: string, code: string, retry: string]>([
    [500, html, 'signer-failed', 'later'],
    [502, html, 'signer-failed', 'later'],
    [503, '', 'signer-failed', 'later'],
    [500, problem('internal', 'The signer failed.', 500), 'signer-failed', 'later'],
    [408, '', 'signer-failed', 'later'],
    [425, '', 'signer-failed', 'later'],
    [429, '', 'throttled', 'later'],
    [401, '', 'unauthorized', 'never'],
    [403, problem('forbidden', 'No.', 403), 'unauthorized', 'never'],
    [403, html, 'unauthorized', 'never'],
    [400, problem('bad-request', 'v must be 1.', 400), 'refused', 'never'],
    [413, problem('body-too-large', 'Too large.', 413), 'refused', 'never'],
    [404, html, 'bad-answer', 'never'],
    [405, '', 'bad-answer', 'never'],
    [302, '', 'bad-answer', 'never'],
  ])('%d %j: %s, %s', async (status, text, code, retry) => {
    const error = await failure(backend.createUploads([aRequest()], answering(status, text)))
    expect(error).toMatchObject({ code, retry, status })
    expect(error.message).toContain(`The signer at /api/uploads answered ${status}`)
  })

  test.each([429, 500, 503])('%i: `Retry-After` says when', async (status) => {
    const answer = { status, headers: new Map([['retry-after', '7']]), text: '' }
    const error = await failure(
      backend.createUploads(
        [aRequest()],
        lend(async () => answer),
      ),
    )
    expect(error).toMatchObject({ retry: 'later', retryAfter: 7 })
  })

  test.each([
    ['a page', html],
    ['nothing', ''],
    ['another protocol', '{"url":"https://b.example","fields":{}}'],
    ['a verdict too few', '{"v":1,"files":[]}'],
    ['an error under 200', '{"message":"Internal server error"}'],
  ])('200 with %s is a bad answer', async (_why, text) => {
    const error = await failure(backend.createUploads([aRequest()], answering(200, text)))
    expect(error).toMatchObject({ code: 'bad-answer', retry: 'never' })
    expect(error.message).toContain('Is the endpoint right')
  })

  test('no answer: later, with its cause', async () => {
    const cause = new UploadError('network', 'later', 'Offline, DNS, TLS or CORS.')
    const error = await failure(
      backend.createUploads(
        [aRequest()],
        lend(() => Promise.reject(cause)),
      ),
    )
    expect(error).toMatchObject({ code: 'signer-unreachable', retry: 'later', cause })
  })

  test('an abort stays an abort', async () => {
    const cause = new UploadError('aborted', 'never', 'Aborted.')
    expect(
      await failure(
        backend.createUploads(
          [aRequest()],
          lend(() => Promise.reject(cause)),
        ),
      ),
    ).toBe(cause)
  })

  test.each([
    ['https://ann:pass@api.example.com/up?token=secret#x', 'https://api.example.com/up'],
    ['/up?token=secret', '/up'],
    ['//ann:pass@api.example.com/up', '//api.example.com/up'],
  ])('messages name %s without its secrets', async (endpoint, bare) => {
    for (const call of [answering(500, ''), answering(200, 'x')]) {
      const error = await failure(kit({ endpoint }).createUploads([aRequest()], call))
      expect(error.message).toContain(`The signer at ${bare} answered`)
      expect(error.message).not.toMatch(/secret|pass/)
    }
  })

  test.each([
    [true, 'ask'],
    [false, []],
    [undefined, []],
  ])('parts that S3 may have (resumes: %s) are asked for before any is sent', async (resumes, expected) => {
    const verdict = { ok: true, receipt: 'r', target: { type: 'multipart', partSize: 5_242_880, resumes } }
    const call = answering(200, JSON.stringify({ v: 1, files: [verdict] }))
    const [grant] = await backend.createUploads([aRequest({ accepts: ['multipart'] })], call)
    expect(grant).toMatchObject({ ok: true, target: { type: 'multipart', stored: expected } })
  })

  test('a target of a newer signer is refused for that file', async () => {
    const text = '{"v":1,"files":[{"ok":true,"receipt":"r","target":{"type":"beam"}}]}'
    const [grant] = await backend.createUploads([aRequest()], answering(200, text))
    expect(grant).toMatchObject({ ok: false, error: { code: 'unsupported-target', retry: 'never' } })
  })
})

describe('one odd file of a batch fails alone', () => {
  const cycle: { own?: unknown } = {}
  cycle.own = cycle

  test.each<[what: string, metadata: unknown, code: string | undefined]>([
    ['a cycle', cycle, 'internal'],
    ['a bigint', { size: 1n }, 'internal'],
    ['too much', 'x'.repeat(9000), 'refused'],
    ['a function, which JSON has not', () => 1, undefined],
  ])('metadata that holds %s', async (_what, metadata, code) => {
    const open = signer({ metadata: undefined })
    const files = [aRequest(), aRequest({ id: 'odd', options: { metadata } }), aRequest({ id: 'item-3' })]
    const grants = await backend.createUploads(files, through(open))
    expect(grants[0]).toMatchObject({ ok: true })
    expect(grants[2]).toMatchObject({ ok: true })
    expect(grants[1]).toMatchObject({ ok: false, error: { code: code ?? 'refused', retry: 'never' } })
  })

  test('a verdict that cannot be read', async () => {
    const target = { type: 'post', urls: ['https://b.example/'], fields: [], expiresIn: 60 }
    const files = [{ ok: true, receipt: 'r', target }, { ok: true, receipt: 'r' }, { ok: false }]
    const call = answering(200, JSON.stringify({ v: 1, files }))
    const ids = ['one', 'two', 'three']
    const grants = await backend.createUploads(
      ids.map((id) => aRequest({ id })),
      call,
    )
    const unread = { ok: false, error: { code: 'bad-answer', retry: 'never' } }
    expect(grants).toMatchObject([{ ok: true, ref: 'r' }, unread, unread])
  })

  test('an app that refuses with a whole page of words', async () => {
    const said = 'Upside down. '.repeat(300)
    const onComplete = ({ name }: { name: string }): null => {
      if (name === 'odd.png') throw new Reject(said)
      return null
    }
    const call = through(signer({ onComplete, fetch: headed }))
    const files = [aRequest(), aRequest({ id: 'odd', name: 'odd.png' })]
    const refs = (await backend.createUploads(files, call)).map((grant) => granted(grant).ref)
    const [good, odd] = await Promise.allSettled(refs.map((ref) => confirm(ref, call)))
    expect(good).toMatchObject({ status: 'fulfilled' })
    expect(odd).toMatchObject({
      reason: { code: 'confirm-failed', retry: 'never', userMessage: said.slice(0, 2000) },
    })
  })

  test('a limit that is no whole number', async () => {
    const call = through(signer({ maxSize: 0.1 * 1024 ** 2 }))
    const files = [aRequest(), aRequest({ id: 'odd', size: 200_000 })]
    expect(await backend.createUploads(files, call)).toMatchObject([
      { ok: true },
      { ok: false, error: { code: 'file-too-large', limit: 104_857.6 } },
    ])
  })
})

describe('failures of confirm', () => {
  test.each<[status: number, text: string, code: string, retry: string, userMessage: string | undefined]>([
    [409, problem('not-stored', 'Not there.', 409), 'confirm-failed', 'restart', undefined],
    [410, problem('expired', 'Too late.', 410), 'confirm-failed', 'restart', undefined],
    [403, problem('receipt-invalid', 'Not yours.', 403), 'confirm-failed', 'never', undefined],
    [422, problem('refused', 'Upside down.', 422), 'confirm-failed', 'never', 'Upside down.'],
    [500, problem('confirm-failed', 'Later.', 500), 'confirm-failed', 'later', undefined],
    [502, problem('storage-failed', 'Away.', 502), 'signer-failed', 'later', undefined],
    [401, problem('unauthorized', 'Log in.', 401), 'unauthorized', 'never', undefined],
    [504, '', 'signer-failed', 'later', undefined],
    [200, '<html>', 'bad-answer', 'never', undefined],
    [200, '{"v":1}', 'bad-answer', 'never', undefined],
  ])('%d %s: %s, %s', async (status, text, code, retry, userMessage) => {
    const error = await failure(confirm('receipt', answering(status, text)))
    expect(error).toMatchObject({ code, retry })
    expect(error.userMessage).toBe(userMessage)
  })

  test('from the signer itself', async () => {
    const call = through(signer())
    const { ref } = granted((await backend.createUploads([aRequest()], call))[0])
    const gone = through(signer({ fetch: () => Promise.resolve(new Response(null, { status: 404 })) }))
    expect(await failure(confirm(ref, gone))).toMatchObject({ code: 'confirm-failed', retry: 'restart' })
    expect(await failure(confirm('garbage', call))).toMatchObject({ code: 'confirm-failed', retry: 'never' })
    const onComplete = (): never => {
      throw new Reject('Upside down.')
    }
    const rejecting = through(signer({ onComplete }))
    expect(await failure(confirm(ref, rejecting))).toMatchObject({ userMessage: 'Upside down.' })
  })
})

test.each([undefined, null, 5, '', {}, ['r'], 'x'.repeat(17_000)])('parseRef refuses %j', (value) => {
  expect(backend.parseRef(value)).toBeUndefined()
})
