/** The signer asks a store of which nothing is known what it does with headers that nobody signed. */
import { describe, expect, test } from 'vitest'

import type { FetchLike, StorageOptions } from '../../../src/server/index.ts'
import { b2, ceph, r2, s3 } from '../../../src/server/index.ts'
import { aFile, call, credentials, makeHandler, post, sign } from '../support.ts'
import {
  all,
  beginParts,
  grantOf,
  keysIn,
  openStore,
  signer,
  signPart,
  typeOf,
  watchedFetch,
} from './support.ts'

const unknown: StorageOptions = {
  bucket: 'uploads',
  region: 'eu-central-1',
  endpoint: 'https://s3.example.net',
  credentials,
}
const answering =
  (statusOf: (method: string) => number): FetchLike =>
  (_url, { method = '' }) =>
    Promise.resolve(new Response(null, { status: statusOf(method) }))
/** It refuses the header, and takes the same PUT without it. */
const refusing: FetchLike = (_url, { method, headers }) => {
  const statuses = { HEAD: 404, PUT: new Headers(headers).has('x-amz-copy-source') ? 403 : 200 }
  return Promise.resolve(
    new Response(null, { status: method === 'HEAD' || method === 'PUT' ? statuses[method] : 204 }),
  )
}
const question = ['PUT', 'HEAD', 'PUT', 'PUT', 'DELETE']
const putOnly = { accepts: ['put'], size: 3 } as const

describe('a store that refuses unsigned headers', () => {
  test('gets PUT grants, after one question for concurrent calls and for all handlers of the process', async () => {
    const { storage, server } = await openStore('refused')
    const { fetch, sent, methods } = watchedFetch()
    const { handler, reports } = signer({ storage, fetch, prefix: 'files/' })
    const files = ['a', 'b', 'c'].map((id) => aFile({ ...putOnly, id }))
    const answers = await Promise.all([sign(handler, ...files), sign(handler, ...files)])
    expect(answers.flat().map(typeOf)).toEqual(Array.from({ length: 6 }, () => 'put'))
    expect(await grantOf(signer({ storage, fetch }).handler, putOnly)).toBe('put')
    expect(methods()).toEqual(question)
    expect(reports).toEqual([])
    const [put, head, control] = sent
    expect(control?.url.pathname).toBe(put?.url.pathname)
    expect(control?.headers.has('x-amz-copy-source')).toBe(false)
    expect(put?.url.pathname).toMatch(/^\/uploads\/files\/s3-upload-kit-probe\/[\da-f-]{36}$/)
    expect(head?.url.pathname).toBe(put?.headers.get('x-amz-copy-source'))
    expect(head?.url.pathname).not.toBe(put?.url.pathname)
    expect(put?.headers.has('authorization')).toBe(false)
    expect(await keysIn(server)).toEqual(['secret.txt'])
  })

  test('is asked below the folder where files wait, if there is one', async () => {
    const { fetch, sent } = watchedFetch(refusing)
    const { handler } = signer({ storage: unknown, fetch, prefix: 'files/', promote: 'incoming/' })
    expect(await grantOf(handler, putOnly)).toBe('put')
    expect(sent.map(({ url }) => url.pathname)).toEqual(
      question.map((): unknown => expect.stringMatching('^/incoming/')),
    )
  })

  test('is asked before parts, too', async () => {
    const { storage } = await openStore('refused')
    const { fetch, methods } = watchedFetch()
    const { handler } = signer({ storage, fetch })
    const receipt = await beginParts(handler)
    expect(methods().slice(0, 5)).toEqual(question)
    expect((await signPart(handler, receipt)).status).toBe(200)
  })
})

describe('a store that acts on unsigned headers', () => {
  test('gets no PUT and no parts; the app is told once', async () => {
    const { storage, server } = await openStore('taken')
    const { fetch, methods } = watchedFetch()
    const { handler, reports } = signer({ storage, fetch })
    const file = { size: 6, accepts: all }
    const answers = await Promise.all([
      grantOf(handler, { ...file, accepts: ['put', 'multipart'] }),
      grantOf(handler, { ...file, accepts: ['multipart'] }),
    ])
    expect(answers).toEqual(['refused', 'refused'])
    expect(methods()).toEqual(['PUT'])
    const findings = reports.filter((report) => report.includes('x-amz-copy-source'))
    expect(findings).toEqual([expect.stringContaining('answered 404')])
    for (const option of ['storage.grantCredentials', 'storage.capabilities.unsignedHeaders'])
      expect(findings[0]).toContain(option)
    expect(await keysIn(server)).toEqual(['secret.txt'])
  })

  test('gets forms for files that would go in parts or as PUT', async () => {
    const { storage } = await openStore('taken')
    expect(await grantOf(signer({ storage, multipartFrom: 5 }).handler, { size: 6, accepts: all })).toBe(
      'post',
    )
    // Such a store prefers PUT, because it drops a form's Content-Disposition. No browser then opens the file as a page.
    const { handler } = signer({ storage: { ...storage, capabilities: { formHeaders: false } } })
    const file = aFile({ accepts: all, name: 'a.html', type: 'text/html' })
    const [verdict] = await sign(handler, file)
    expect(typeOf(verdict)).toBe('post')
    expect(JSON.stringify(verdict)).toContain('["Content-Type","application/octet-stream"]')
  })

  test.each([
    ['createOnly', { object: { createOnly: true } }, {}],
    ['an uploader without forms', {}, { accepts: ['put', 'multipart'] }],
    ['more than 5 GiB', { maxSize: 1e10 }, { size: 6e9 }],
    ['a CRC64NVME checksum', {}, { checksum: { algorithm: 'crc64nvme', value: 'AAAAAAAAAAA=' } }],
    ["transport: 'put'", { transport: 'put' }, {}],
    ["transport: 'multipart'", { transport: 'multipart' }, {}],
  ] as const)('refuses a file with %s, and tells the app why', async (why, route, facts) => {
    const { storage } = await openStore('taken')
    const { handler, reports } = signer({ storage, ...route })
    const [verdict] = await sign(handler, aFile({ size: 6, accepts: all, ...facts }))
    expect(verdict).toMatchObject({
      ok: false,
      error: { code: 'refused', message: expect.stringContaining('form') },
    })
    const reason = why.replace(/: '(\w+)'/, ' $1')
    expect(reports.at(-1)).toContain(reason)
    expect(reports.at(-1)).toContain('storage.grantCredentials')
    expect(JSON.stringify(verdict)).not.toContain('grantCredentials')
  })

  test('is not asked for a form', async () => {
    const { fetch, methods } = watchedFetch(() => Promise.reject(new Error('nobody asks')))
    expect(await grantOf(signer({ storage: unknown, fetch }).handler, { accepts: all })).toBe('post')
    expect(methods()).toEqual([])
  })

  test('gets no more parts of an upload that was begun before', async () => {
    const { storage } = await openStore('taken')
    const begun = await beginParts(
      makeHandler({
        storage: { ...storage, capabilities: { unsignedHeaders: 'refused' } },
        fetch: watchedFetch().fetch,
      }),
    )
    const answer = await signPart(signer({ storage }).handler, begun)
    expect(answer).toMatchObject({ status: 410, body: { code: 'no-such-upload' } })
    expect(answer.text).not.toContain('X-Amz')
  })

  test.each([200, 204, 404, 501])('may answer the question with %d', async (status) => {
    const { fetch, sent } = watchedFetch(answering((method) => (method === 'PUT' ? status : 204)))
    const { handler, reports } = signer({ storage: unknown, fetch })
    expect(await grantOf(handler, putOnly)).toBe('refused')
    expect(await grantOf(handler, putOnly)).toBe('refused')
    // What was stored by the question is removed.
    expect(sent.map(({ method }) => method)).toEqual(status < 300 ? ['PUT', 'DELETE'] : ['PUT'])
    expect(new Set(sent.map(({ url }) => url.pathname)).size).toBe(1)
    expect(reports[0]).toContain(`answered ${status}`)
  })

  test('may keep what the question stored: the app is told, and the answer counts', async () => {
    const { fetch, methods } = watchedFetch(answering((method) => (method === 'PUT' ? 200 : 503)))
    const { handler, reports } = signer({ storage: unknown, fetch })
    expect(await grantOf(handler, putOnly)).toBe('refused')
    expect(await grantOf(handler, putOnly)).toBe('refused')
    expect(methods()).toEqual(['PUT', 'DELETE'])
    expect(reports[0]).toContain('remove the object')
  })

  test('may fail a copy under status 200', async () => {
    const { fetch } = watchedFetch((_url, { method }) =>
      Promise.resolve(
        new Response(method === 'PUT' ? '<Error><Code>NoSuchKey</Code></Error>' : null, {
          status: method === 'PUT' ? 200 : 204,
        }),
      ),
    )
    expect(await grantOf(signer({ storage: unknown, fetch }).handler, putOnly)).toBe('refused')
  })
})

test.each([400, 405, 408, 409, 412, 429])(
  'what answers %d may be busy: no PUT for this call, and the next one asks again',
  async (status) => {
    let isBusy = true
    const { fetch } = watchedFetch((url, init) =>
      isBusy ? Promise.resolve(new Response(null, { status })) : refusing(url, init),
    )
    const { handler, reports } = signer({ storage: unknown, fetch })
    expect(await grantOf(handler, putOnly)).toBe('refused')
    expect(reports[0]).toContain(`answered ${status}`)
    isBusy = false
    expect(await grantOf(handler, putOnly)).toBe('put')
  },
)

test.each(['ExpiredToken', 'AccessDenied'])(
  'a refusal for another reason (%s) is no proof: the same PUT without the header is refused too',
  async (code) => {
    const { storage } = await openStore('taken')
    let isWrong = true
    const { fetch } = watchedFetch((url, init) =>
      isWrong && init.method === 'PUT'
        ? Promise.resolve(new Response(`<Error><Code>${code}</Code></Error>`, { status: 403 }))
        : globalThis.fetch(url, init),
    )
    const { handler, reports } = signer({ storage, fetch })
    expect(await grantOf(handler, putOnly)).toBe('refused')
    expect(reports[0]).toContain('the same PUT without that header')
    isWrong = false
    expect(await grantOf(handler, putOnly)).toBe('refused')
    expect(reports.at(-2)).toContain('answered 404')
  },
)

test('one refusal by chance is no proof', async () => {
  const { storage } = await openStore('taken')
  let puts = 0
  const { fetch } = watchedFetch((url, init) =>
    init.method === 'PUT' && (puts += 1) === 1
      ? Promise.resolve(new Response('<Error><Code>ExpiredToken</Code></Error>', { status: 403 }))
      : globalThis.fetch(url, init),
  )
  expect(await grantOf(signer({ storage, fetch }).handler, putOnly)).toBe('refused')
})

test.each([403, 400])(
  'a refusal proves nothing where HEAD answers %d for a missing object',
  async (status) => {
    const { fetch } = watchedFetch(answering((method) => (method === 'HEAD' ? status : 403)))
    const { handler, reports } = signer({ storage: unknown, fetch })
    expect(await grantOf(handler, putOnly)).toBe('refused')
    expect(reports[0]).toContain('s3:ListBucket')
  },
)

test('a key without ListBucket gets no PUT from a store that would refuse', async () => {
  const { storage, server } = await openStore('refused')
  const key = server.issueSession({ actions: ['s3:PutObject', 's3:GetObject'] })
  const options = { storage: { ...storage, credentials: key }, secret: 'a secret for receipts' }
  const { handler, reports } = signer(options)
  expect(await grantOf(handler, putOnly)).toBe('refused')
  expect(reports[0]).toContain('s3:ListBucket')
})

test.each<[why: string, fail: () => Promise<Response>]>([
  ['503', () => Promise.resolve(new Response(null, { status: 503 }))],
  ['a redirect', () => Promise.resolve(new Response(null, { status: 301 }))],
  ['a broken connection', () => Promise.reject(new Error('ECONNRESET'))],
])('after %s the call fails, and the next one asks again', async (_why, fail) => {
  let isDown = true
  const { fetch, methods } = watchedFetch((url, init) => (isDown ? fail() : refusing(url, init)))
  const { handler } = signer({ storage: unknown, fetch })
  const both = await Promise.all([grantOf(handler, putOnly), grantOf(handler, putOnly)])
  expect(both).toEqual(['storage-failed', 'storage-failed'])
  expect(methods()).toEqual(['PUT'])
  isDown = false
  expect(await grantOf(handler, putOnly)).toBe('put')
  expect(methods()).toEqual(['PUT', ...question])
})

test('a caller that leaves does not end the question, which others wait for', async () => {
  const gone = new AbortController()
  const aborted: (boolean | undefined)[] = []
  const { fetch } = watchedFetch((url, init) => {
    gone.abort()
    aborted.push(init.signal?.aborted)
    return refusing(url, init)
  })
  const { handler } = signer({ storage: unknown, fetch })
  const files = { v: 1, action: 'sign', files: [aFile(putOnly)] }
  await call(handler, new Request(post(files), { signal: gone.signal }))
  expect(aborted).toEqual(question.map(() => false))
  expect(await grantOf(handler, putOnly)).toBe('put')
})

const unreachable: FetchLike = () => Promise.reject(new Error('nobody asks'))

test.each<[why: string, storage: StorageOptions]>([
  ['AWS', s3({ bucket: 'uploads', region: 'eu-central-1', credentials })],
  ...[
    's3.eu-central-1.amazonaws.com',
    's3.cn-north-1.amazonaws.com.cn',
    's3.eusc-de-east-1.amazonaws.eu',
  ].map((host): [string, StorageOptions] => [host, { ...unknown, endpoint: `https://${host}` }]),
  ['Ceph', ceph({ ...unknown, endpoint: 'https://ceph.example.net' })],
  ['an unknown store with the option', { ...unknown, capabilities: { unsignedHeaders: 'refused' } }],
  [
    'R2 with the option',
    r2({ accountId: 'a', bucket: 'b', credentials, capabilities: { unsignedHeaders: 'refused' } }),
  ],
  ['a store with grantCredentials', { ...unknown, grantCredentials: credentials }],
])('%s is never asked', async (_why, storage) => {
  const { handler, reports } = signer({ storage, fetch: unreachable })
  expect(await grantOf(handler, putOnly)).toBe('put')
  expect(reports).toEqual([])
})

test.each<[why: string, storage: StorageOptions]>([
  ['R2', r2({ accountId: 'a', bucket: 'b', credentials })],
  ['B2', b2({ region: 'eu-central-003', bucket: 'b', credentials })],
  ['an unknown store', unknown],
  ['a host that looks like AWS', { ...unknown, endpoint: 'https://s3.amazonaws.com.evil.example' }],
  ['another such host', { ...unknown, endpoint: 'https://notamazonaws.com' }],
  [
    'Ceph, if the app wants that',
    ceph({ ...unknown, endpoint: 'https://c.example', capabilities: { unsignedHeaders: 'ask' } }),
  ],
])('%s is asked', async (_why, storage) => {
  const { fetch, methods } = watchedFetch(refusing)
  expect(await grantOf(signer({ storage, fetch }).handler, putOnly)).toBe('put')
  expect(methods()).toEqual(question)
})
