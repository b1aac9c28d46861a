/**
 * Random uploads to stores that act on headers which nobody signed, each request with some dangerous headers more. The
 * owner's object is never copied, and nothing is published or tagged but as the route says.
 *
 * `UNSIGNED_SEED=7 npm run test:unit -- test/server/unsigned` tries others.
 */
import { createHash } from 'node:crypto'

import { expect, test, vi } from 'vitest'

import type { SignFile } from '../../../src/protocol/wire.ts'
import type { ObjectOptions, StorageOptions, UploadHandler } from '../../../src/server/index.ts'
import type { ObjectSnapshot, S3Server, UnsignedHeaders } from '../../../src/testing/s3-server/index.ts'
import type { Random } from '../../rgw/fuzz/random.ts'
import { random } from '../../rgw/fuzz/random.ts'
import { aFile, call, post, sign } from '../support.ts'
import { openStore, send, signer, signPart, storageOf } from './support.ts'

vi.setConfig({ testTimeout: 60_000 })

const seed = Number(process.env['UNSIGNED_SEED'] ?? 20261130)
const uploads = 200

const everybody = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'
const dangers = (secret: string): readonly [string, string][] => [
  ['x-amz-copy-source', secret],
  ['x-amz-copy-source-range', 'bytes=0-4'],
  ['x-amz-acl', 'public-read'],
  ['x-amz-grant-read', everybody],
  ['x-amz-grant-full-control', everybody],
  ['x-amz-tagging', 'GuardDutyMalwareScanStatus=NO_THREATS_FOUND'],
  ['x-amz-tagging-directive', 'REPLACE'],
  ['x-amz-metadata-directive', 'REPLACE'],
  ['x-amz-meta-role', 'admin'],
  ['x-amz-website-redirect-location', 'https://evil.example/'],
  ['x-amz-storage-class', 'GLACIER'],
  ['cache-control', 'public'],
  ['content-encoding', 'gzip'],
]

interface Attack {
  readonly chance: Random
  readonly secret: string
  readonly handler: UploadHandler
}

/** Each header with the probability of one in three. */
const someDangers = ({ chance, secret }: Attack): Record<string, string> =>
  Object.fromEntries(dangers(secret).filter(() => chance.chance(1 / 3)))

type Accepts = SignFile['accepts']
const accepts: readonly [Accepts, ...Accepts[]] = [
  ['post', 'put', 'multipart'],
  ['put'],
  ['multipart'],
  ['post'],
  ['put', 'multipart'],
]

async function uploadWithDangers(attack: Attack): Promise<string> {
  const { chance, handler } = attack
  const size = chance.pick([0, 1, 5, 10])
  const file: Partial<SignFile> = { id: `item-${chance.below(1e9)}`, size, accepts: chance.pick(accepts) }
  const [verdict] = await sign(handler, aFile(file))
  if (!verdict?.ok) return 'refused'
  const { target, receipt } = verdict
  const body = 'x'.repeat(size)
  if (target.type === 'put') await send(target, body, someDangers(attack))
  if (target.type === 'post') {
    const form = new FormData()
    for (const [name, value] of target.fields) form.append(name, value)
    form.append('file', new Blob([body]))
    const { 'content-encoding': _, ...headers } = someDangers(attack)
    await fetch(target.urls[0], { method: 'POST', body: form, headers })
  }
  if (target.type === 'multipart') {
    const { body: signed } = await signPart(handler, receipt, size)
    const parts = (signed['parts'] ?? []) as { url: string; headers: [string, string][] }[]
    for (const part of parts) await send(part, body, someDangers(attack))
    // As a browser completes it, and as a store that believes everything might.
    await call(handler, post({ v: 1, action: 'complete', receipt, parts: [[1]] }))
  }
  return target.type
}

const routes: readonly [ObjectOptions, ...ObjectOptions[]] = [
  {},
  { tags: { team: 'blue' } },
  { cacheControl: 'no-store' },
  { metadata: { who: 'ann' } },
]

/** Uploads at random, and says what became of the bucket besides what the routes grant. */
async function run(mode: UnsignedHeaders, options: (server: S3Server) => Partial<StorageOptions>) {
  const chance = random(seed)
  const { server, secret } = await openStore(mode)
  const storage = { ...storageOf(server), ...options(server) }
  const outcomes = new Map<string, number>()
  const broken = new Map<string, number>()
  const count = (counts: Map<string, number>, name: string): void =>
    void counts.set(name, (counts.get(name) ?? 0) + 1)
  const [before] = await server.snapshot()
  const owned = before?.objects[0]
  for (const [at, object] of routes.entries()) {
    const { handler } = signer({ storage, prefix: `${at}/`, object })
    for (let left = uploads / routes.length; left > 0; left -= 1)
      count(outcomes, await uploadWithDangers({ chance, secret, handler }))
  }
  for (const bucket of await server.snapshot())
    for (const found of bucket.objects)
      if (found.key !== 'secret.txt')
        for (const what of foreignTo(found, owned, routes[Number(found.key.split('/')[0])] ?? {}))
          count(broken, what)
  return { outcomes, broken }
}

function foreignTo(
  { sha256, acl, tags, contentType }: ObjectSnapshot,
  owned: ObjectSnapshot | undefined,
  { tags: given = {} }: ObjectOptions,
): string[] {
  const isTagged = JSON.stringify(tags) !== JSON.stringify(Object.entries(given))
  // A range of it is known by the bytes, since uploads consist of x.
  const isCopied = sha256 === owned?.sha256 || sha256 === sha256OfRange || contentType === 'text/plain'
  return [...(isCopied ? ['copied'] : []), ...(acl ? ['published'] : []), ...(isTagged ? ['tagged'] : [])]
}
const sha256OfRange = createHash('sha256').update('TOP S').digest('hex')

const writing = ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts']

test.each<
  [why: string, mode: UnsignedHeaders, urls: boolean, options: (server: S3Server) => Partial<StorageOptions>]
>([
  ['a store that refuses them', 'refused', true, () => ({})],
  ['a store that takes them, and is asked', 'taken', false, () => ({})],
  [
    'a store that takes them, as its option says',
    'taken',
    false,
    () => ({ capabilities: { unsignedHeaders: 'taken' } }),
  ],
  ['a store like Ceph', 'named', true, () => ({ capabilities: { unsignedHeaders: 'named' } })],
  [
    'a store that takes them, with a key that only writes',
    'taken',
    true,
    (server) => ({ grantCredentials: server.issueSession({ actions: writing }) }),
  ],
])('nothing foreign is copied, published or tagged on %s', async (_why, mode, urls, options) => {
  const { outcomes, broken } = await run(mode, options)
  expect([...broken]).toEqual([])
  expect(outcomes.get('post')).toBeGreaterThan(10)
  for (const way of ['put', 'multipart']) expect((outcomes.get(way) ?? 0) > 10).toBe(urls)
})

test.each(['named', 'taken'] as const)('without the guard all three happen (%s)', async (mode) => {
  const { broken } = await run(mode, () => ({ capabilities: { unsignedHeaders: 'refused' } }))
  expect([...broken.keys()].toSorted()).toEqual(['copied', 'published', 'tagged'])
})
