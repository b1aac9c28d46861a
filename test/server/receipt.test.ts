import { expect, test } from 'vitest'

import { createReceipts } from '../../src/server/receipt.ts'

const facts = { id: 'item-1', key: 'a/写真.png', name: '写真.png', size: 7, type: 'image/png', issued: 1234 }
const receipts = createReceipts('a long enough secret', 'bucket')

test('gives back what was sealed', async () => {
  const receipt = await receipts.issue(facts, 'ann')
  expect(receipt).toMatch(/^[\w-]+\.[\w-]{43}$/)
  expect(await receipts.open(receipt, 'ann')).toEqual(facts)
  const again = createReceipts('a long enough secret', 'bucket')
  expect(await again.open(receipt, 'ann')).toEqual(facts)
})

test('is none for another user, secret or bucket', async () => {
  const receipt = await receipts.issue(facts, 'ann')
  expect(await receipts.open(receipt, 'bob')).toBeUndefined()
  expect(await createReceipts('another long secret', 'bucket').open(receipt, 'ann')).toBeUndefined()
  expect(await createReceipts('a long enough secret', 'other').open(receipt, 'ann')).toBeUndefined()
})

test('does not let user and audience run into each other', async () => {
  const receipt = await createReceipts('secret', 'a","b').issue(facts, 'c')
  expect(await createReceipts('secret', 'a').open(receipt, 'b","c')).toBeUndefined()
})

test('any changed character makes it void', async () => {
  const receipt = await receipts.issue(facts, 'ann')
  const broken: string[] = []
  for (let at = 0; at < receipt.length; at++) {
    // The last character of the seal has two bits that stand for nothing; `A` to `B` would flip only those.
    const other = receipt[at] === 'z' ? 'Q' : 'z'
    const changed = receipt.slice(0, at) + other + receipt.slice(at + 1)
    if (await receipts.open(changed, 'ann')) broken.push(changed)
  }
  expect(broken).toEqual([])
})

test('a payload of one’s own under a foreign seal is none', async () => {
  const [, seal] = (await receipts.issue(facts, 'ann')).split('.')
  const own = Buffer.from(JSON.stringify({ ...facts, key: 'somebody/elses.png' })).toString('base64url')
  expect(await receipts.open(`${own}.${seal}`, 'ann')).toBeUndefined()
})

test.each(['', '.', 'a.b', 'a', 'a.b.c', '!!.!!', '__proto__.constructor', 'x.'.repeat(4000), 'A.A'])(
  'garbage is none: %j',
  async (text) => {
    expect(await receipts.open(text, 'ann')).toBeUndefined()
  },
)
