/** Several signers on one bucket, and keys that other tools wrote: nobody gets at what is another's. */
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

import type { SignVerdict } from '../../src/protocol/wire.ts'
import type { UploadHandler } from '../../src/server/index.ts'
import { createUploadHandler, createUploadRouter, Reject, route, sweep } from '../../src/server/index.ts'
import type { S3Server } from '../../src/testing/s3-server/index.ts'
import { startS3Server } from '../../src/testing/s3-server/index.ts'
import type { Store } from './store-suite.ts'
import { aRequest, backendFor, bytesOf, callTo, granted, handlerFor, openWitness } from './store-suite.ts'
import type { Answer, Options } from './support.ts'
import { about, aFile, call, makeHandler, only, post, sign } from './support.ts'

const day = 86_400_000
let server: S3Server
let now = Date.UTC(2026, 10, 20)

beforeAll(async () => {
  server = await startS3Server({ region: 'eu-central-1', now: () => new Date(now) })
  await server.createBucket('uploads')
})
afterAll(() => server.close())

function store(): Store {
  const { endpoint, region, credentials } = server
  return { storage: { bucket: 'uploads', region, endpoint, credentials }, now: () => now }
}

const signer = (options: Options = {}): UploadHandler =>
  makeHandler({ ...store(), fetch: async (address, init) => fetch(address, init), ...options })

const receiptOf = (verdict: SignVerdict | undefined): string => {
  if (verdict?.ok) return verdict.receipt
  throw new Error(`Refused: ${JSON.stringify(verdict)}`)
}

async function arrived(handler: UploadHandler, facts: Parameters<typeof aFile>[0] = {}): Promise<string> {
  const [verdict] = await sign(handler, aFile({ accepts: ['put'], size: 5, ...facts }))
  if (!verdict?.ok || verdict.target.type !== 'put') throw new Error(JSON.stringify(verdict))
  const { url: address, headers } = verdict.target
  const body = 'x'.repeat(facts.size ?? 5)
  const sent = await fetch(address, {
    method: 'PUT',
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    body,
  })
  expect(sent.status).toBe(200)
  return verdict.receipt
}

const ask = async (handler: UploadHandler, action: string, receipt: string): Promise<Answer> =>
  only(await call(handler, about(action, receipt)))

describe('a receipt of another signer', () => {
  const onComplete = vi.fn()
  test.each<[why: string, theirs: Options, facts: Parameters<typeof aFile>[0], ours: Options]>([
    ['with another prefix', {}, {}, { prefix: 'avatars/' }],
    ['with another name', { name: 'lax' }, {}, { name: 'strict' }],
    ['with a name at all', { name: 'lax' }, {}, {}],
    ['that takes larger files', {}, { size: 200 }, { maxSize: 100 }],
    ['that takes smaller files', {}, { size: 5 }, { minSize: 6 }],
    ['that takes other types', {}, { name: 'x.html', type: 'text/html' }, { accept: { 'image/png': [] } }],
    ['of the same name, with another prefix', { name: 'a' }, {}, { name: 'a', prefix: 'avatars/' }],
    ['of the same name, without promote', { name: 'a' }, {}, { name: 'a', promote: 'incoming/' }],
    ['of the same name, with promote', { name: 'a', promote: 'incoming/' }, {}, { name: 'a' }],
  ])('%s confirms, shows and deletes nothing', async (_why, theirs, facts, ours) => {
    const receipt = await arrived(signer(theirs), facts)
    const strict = signer({ ...ours, onComplete, view: true, delete: true })
    expect(await ask(strict, 'confirm', receipt)).toMatchObject({
      status: 403,
      body: { code: 'receipt-invalid' },
    })
    expect(onComplete).not.toHaveBeenCalled()
    // Type and size are the upload's affair alone; the place is that of each action.
    if ('maxSize' in ours || 'minSize' in ours || 'accept' in ours) return
    for (const action of ['view', 'delete']) expect((await ask(strict, action, receipt)).status).toBe(403)
  })

  test('of two routers with equal route names is none for the other', async () => {
    const authorize = (): string => 'ann'
    const routers = ['a/', 'b/'].map((prefix) => createUploadRouter({ files: route({ authorize, prefix }) }))
    const [first, second] = routers.map((router) => callTo(handlerFor(store(), router)))
    if (!first || !second) throw new Error('no routers')
    const backend = backendFor('files')
    const { ref } = granted((await backend.createUploads([aRequest(bytesOf(5))], first))[0])
    expect(await backend.probe?.(ref, first)).toBe('absent')
    await expect(backend.probe?.(ref, second)).rejects.toMatchObject({ status: 403 })
  })

  test('a new process of the same signer takes it', async () => {
    const receipt = await arrived(signer({ prefix: 'same/' }))
    expect((await ask(signer({ prefix: 'same/' }), 'confirm', receipt)).status).toBe(200)
  })
})

test('a renewal signs what was granted, whatever the browser says now', async () => {
  const any = {
    '~standard': { version: 1 as const, vendor: 'own', validate: (value: unknown) => ({ value }) },
  }
  const tagsOf = (verdict: SignVerdict | undefined): string | undefined =>
    verdict?.ok && verdict.target.type === 'put'
      ? verdict.target.headers.find(([name]) => name === 'x-amz-tagging')?.[1]
      : undefined
  const prepare = vi.fn(({ metadata }: { metadata: unknown }) => {
    if (JSON.stringify(metadata) !== '"mine"') throw new Reject('Not your project.')
  })
  const object = vi.fn(
    ({ metadata, file }: { metadata: unknown; file: { name: string; relativePath?: string } }) => ({
      tags: { project: String(metadata), name: file.name, folder: file.relativePath ?? '' },
    }),
  )
  const handler = createUploadHandler({ ...store(), authorize: () => 'ann', metadata: any, prepare, object })
  const file = aFile({ accepts: ['put'], metadata: 'mine' })
  const [first] = await sign(handler, file)
  const receipt = receiptOf(first)
  const again = { ...file, reason: 'renew' as const, receipt }
  for (const claim of [{ metadata: 'theirs' }, { name: 'other.png' }, { relativePath: 'a/b.png' }]) {
    const [renewed] = await sign(handler, { ...again, ...claim })
    expect(tagsOf(renewed)).toBe(tagsOf(first))
    expect(tagsOf(renewed)).toBe('project=mine&name=photo.png&folder=')
  }
  expect(object).toHaveBeenCalledOnce()
})

describe('keys with segments of dots, which other tools wrote', () => {
  const put = async (Key: string): Promise<void> => {
    const { client } = openWitness(store())
    await client.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body: Key }))
    client.destroy()
  }

  test.each([
    'users/ann/../bob/secret.txt',
    'users/ann/./x.txt',
    'users/ann/..',
    'users/ann/a/../../bob/secret.txt',
  ])('%s is not listed, so it is neither shown nor deleted', async (odd) => {
    await put('users/bob/secret.txt')
    await put(odd)
    await put('users/ann/%2e%2e/own.txt')
    const handler = signer({ list: ({ user }) => `users/${user.id}/`, view: true, delete: true })
    const { body } = await call(handler, post({ v: 1, action: 'list' }))
    const files = body['files'] as { name: string; url: string }[]
    expect(files.map(({ name }) => name)).toEqual(['own.txt'])
    expect(await (await fetch(files[0]?.url ?? '')).text()).toBe('users/ann/%2e%2e/own.txt')
  })

  test('sweep passes over them', async () => {
    await put('kept/photo.png')
    await put('incoming/../kept/photo.png')
    const router = createUploadRouter({
      files: route({ authorize: () => 'ann', prefix: 'kept/', promote: 'incoming/' }),
    })
    now += 20 * day
    await sweep(router, store())
    const witness = openWitness(store())
    expect(await witness.keys('kept/')).toEqual(['kept/photo.png'])
    witness.client.destroy()
  })
})
