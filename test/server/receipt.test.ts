import { expect, test } from 'vitest'

import type { ReceiptFacts } from '../../src/server/receipt.ts'
import { createReceipts } from '../../src/server/receipt.ts'

const facts: ReceiptFacts = {
  kind: 'upload',
  route: 'avatar',
  id: 'item-1',
  key: 'a/写真.png',
  name: '写真.png',
  size: 7,
  type: 'image/png',
  issued: 1234,
  headers: [],
  record: null,
}
const full: ReceiptFacts = {
  ...facts,
  finalKey: 'final/写真.png',
  multipart: {
    uploadId: 'abc',
    partSize: 5_242_880,
    stem: 30,
    digests: { algorithm: 'sha256', whole: false },
  },
  isUnique: true,
  headers: [['x-amz-meta-a', 'b']],
  createOnly: true,
  claimedType: 'text/html',
  restarts: 2,
  checksum: { algorithm: 'crc32', value: 'AAAAAA==' },
  metadata: { albumId: 'a1' },
  record: { id: 5 },
}
const receipts = createReceipts('a long enough secret', 'bucket')

test('gives back what was sealed', async () => {
  const receipt = await receipts.issue(facts, 'ann')
  expect(receipt).toMatch(/^[\w-]+\.[\w-]{43}$/)
  expect(await receipts.open(receipt, 'ann', 'avatar')).toEqual(facts)
  const again = createReceipts('a long enough secret', 'bucket')
  expect(await again.open(receipt, 'ann', 'avatar')).toEqual(facts)
})

test('gives back everything that can be in one', async () => {
  expect(await receipts.open(await receipts.issue(full, 'ann'), 'ann', 'avatar')).toEqual(full)
})

test('is none for another route', async () => {
  expect(await receipts.open(await receipts.issue(facts, 'ann'), 'ann', 'report')).toBeUndefined()
})

test('does not grow beyond what the wire takes', async () => {
  await expect(receipts.issue({ ...facts, record: 'x'.repeat(13_000) }, 'ann')).rejects.toThrow('prepare()')
})

test('derived names are UUIDs: the same for the same, others for another user, secret or fact', async () => {
  const uuid = await receipts.derive(['avatar', 'item-1', 7], 'ann')
  expect(uuid).toMatch(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-a[\da-f]{3}-[\da-f]{12}$/)
  expect(await receipts.derive(['avatar', 'item-1', 7], 'ann')).toBe(uuid)
  const others = [
    await receipts.derive(['avatar', 'item-1', 7], 'bob'),
    await receipts.derive(['avatar', 'item-2', 7], 'ann'),
    await createReceipts('another long secret', 'bucket').derive(['avatar', 'item-1', 7], 'ann'),
  ]
  expect(new Set([uuid, ...others]).size).toBe(4)
})

test('is none for another user, secret or bucket', async () => {
  const receipt = await receipts.issue(facts, 'ann')
  expect(await receipts.open(receipt, 'bob', 'avatar')).toBeUndefined()
  expect(await createReceipts('another long secret', 'bucket').open(receipt, 'ann', 'avatar')).toBeUndefined()
  expect(await createReceipts('a long enough secret', 'other').open(receipt, 'ann', 'avatar')).toBeUndefined()
})

test('does not let user and audience run into each other', async () => {
  const receipt = await createReceipts('secret', 'a","b').issue(facts, 'c')
  expect(await createReceipts('secret', 'a').open(receipt, 'b","c', 'avatar')).toBeUndefined()
})

test('any changed character makes it void', async () => {
  const receipt = await receipts.issue(facts, 'ann')
  const broken: string[] = []
  for (let at = 0; at < receipt.length; at++) {
    for (const other of ['A', 'B', 'z', 'Q', '_'].filter((one) => one !== receipt[at])) {
      const changed = receipt.slice(0, at) + other + receipt.slice(at + 1)
      if (await receipts.open(changed, 'ann', 'avatar')) broken.push(changed)
    }
  }
  expect(broken).toEqual([])
})

test('the seal has one spelling, whatever the last bits of its base64 stand for', async () => {
  const receipt = await receipts.issue(facts, 'ann')
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const spellings = Array.from(letters, (letter) => receipt.slice(0, -1) + letter)
  const open = await Promise.all(spellings.map((one) => receipts.open(one, 'ann', 'avatar')))
  expect(open.filter((one) => one !== undefined)).toEqual([facts])
})

test('a payload of one’s own under a foreign seal is none', async () => {
  const [, seal] = (await receipts.issue(facts, 'ann')).split('.')
  const own = Buffer.from(JSON.stringify({ ...facts, key: 'somebody/elses.png' })).toString('base64url')
  expect(await receipts.open(`${own}.${seal}`, 'ann', 'avatar')).toBeUndefined()
})

test.each(['', '.', 'a.b', 'a', 'a.b.c', '!!.!!', '__proto__.constructor', 'x.'.repeat(4000), 'A.A'])(
  'garbage is none: %j',
  async (text) => {
    expect(await receipts.open(text, 'ann', 'avatar')).toBeUndefined()
  },
)
