/** Calls about uploads that are none, or another's: rows 8 to 11 of the attack cases. */
import { describe, expect, test } from 'vitest'

import type { Store } from '../../store-suite.ts'
import type { Action, Ground, Way } from './ground.ts'
import { actions, openGround, outcome, receiptActions, ways } from './ground.ts'

/** Of JSON that nobody sealed. */
const forged = (facts: object): string => Buffer.from(JSON.stringify(facts)).toString('base64url')

/** Says more than the protocol knows, at the top of the body or of its file. */
const additions: readonly (readonly [why: string, more: object])[] = [
  ['a key', { key: 'users/bob/photo.png' }],
  ['a bucket', { bucket: 'backups' }],
  ['metadata', { metadata: { role: 'admin' } }],
  ['an ACL', { acl: 'public-read' }],
  ['a size', { size: 1 }],
  ['an expiry', { expiresIn: 1e9 }],
  ['tags', { tagging: 'GuardDutyMalwareScanStatus=NO_THREATS_FOUND' }],
  ['conditions', { conditions: [['starts-with', '$key', '']] }],
  ['a user', { user: 'bob' }],
  ['an upload', { uploadId: 'x' }],
  ['a location', { location: 'https://evil.example/' }],
]

/** Declares the tests for the store that `open()` gives once they run. */
export function describeReceipts(open: () => Store): void {
  describe.each(ways)('of an upload sent as %s', (way: Way) => {
    test.each(receiptActions)('row 8: %s of what was never granted is refused', async (action) => {
      const ground = await openGround(open())
      const facts = { kind: 'upload', route: 'files', id: 'x', key: `${ground.users('ann')}x`, size: 1000 }
      const { receipt } = await ground.begin(way)
      const [payload = '', seal = ''] = receipt.split('.')
      for (const fake of [
        `${ground.users('ann')}x`,
        forged(facts),
        `${forged(facts)}.${seal}`,
        `${payload}.${'A'.repeat(43)}`,
        `${payload}.`,
        `${payload}x.${seal}`,
        `${receipt}.${seal}`,
      ])
        expect(outcome(await ground.call(ground.bodyOf(action, fake), { route: 'files', user: 'ann' }))).toBe(
          'receipt-invalid',
        )
      expect(ground.heard).not.toContain('onComplete')
      expect(ground.heard).not.toContain('onAbort')
      expect(await ground.keys()).toEqual([])
      await giveUp(ground, receipt)
    })

    test.each(receiptActions)(
      'row 8: %s of another user’s upload, or by another route, is refused and changes nothing',
      async (action) => {
        const ground = await openGround(open())
        const bobs = await ground.begin(way, { route: 'mine', user: 'bob' })
        await ground.carryOut(bobs, { route: 'mine', user: 'bob' })
        const [before] = await ground.keys()
        const still = await ground.begin('multipart', { route: 'mine', user: 'bob' })
        ground.heard.length = 0
        for (const { receipt } of [bobs, still])
          for (const how of [
            { route: 'mine', user: 'ann' },
            { route: 'files', user: 'bob' },
          ])
            expect(outcome(await ground.call(ground.bodyOf(action, receipt), how))).toBe('receipt-invalid')
        expect(ground.heard.every((one) => one === 'authorize')).toBe(true)
        expect(await ground.keys()).toEqual([before])
        expect(await ground.open()).toHaveLength(1)
        await giveUp(ground, still.receipt, { route: 'mine', user: 'bob' })
      },
    )

    test('row 8: confirming before anything has arrived, or after something else has, runs no hook', async () => {
      const ground = await openGround(open())
      const begun = await ground.begin(way)
      const confirm = () =>
        ground.call(ground.bodyOf('confirm', begun.receipt), { route: 'files', user: 'ann' })
      expect(outcome(await confirm())).toBe('not-stored')
      expect(outcome(await confirm())).toBe('not-stored')
      expect(ground.heard).not.toContain('onComplete')
      expect(await ground.keys()).toEqual([])
      await giveUp(ground, begun.receipt)
    })

    test('row 8: a renewal cannot move a grant to another file', async () => {
      const ground = await openGround(open())
      const { receipt } = await ground.begin(way, { id: 'mine' })
      for (const facts of [{ size: 999 }, { id: 'other' }, { type: 'text/html', name: 'a.html' }]) {
        const asked = { id: 'mine', accepts: [way], reason: 'renew', receipt, ...facts }
        expect(outcome(await ground.sign(asked, { route: 'files' }))).toBe('refused')
      }
      const stolen = { id: 'mine', accepts: [way], reason: 'renew', receipt }
      expect(outcome(await ground.sign(stolen, { route: 'files', user: 'bob' }))).toBe('refused')
      expect(await ground.keys()).toEqual([])
      await giveUp(ground, receipt)
    })

    test('row 10: no answer about an upload holds an address that reads', async () => {
      const ground = await openGround(open())
      const begun = await ground.begin(way)
      await ground.carryOut(begun)
      const ask = (action: Action) =>
        ground.call(ground.bodyOf(action, begun.receipt), { route: 'files', user: 'ann' })
      expect(outcome(await ask('view'))).toBe('forbidden')
      expect(outcome(await ask('delete'))).toBe('forbidden')
      for (const action of ['confirm', 'probe', 'complete', 'view', 'delete'] as const)
        expect((await ask(action)).text).not.toMatch(/signature|credential/i)
      expect(outcome(await ground.call(ground.bodyOf('list'), { route: 'files', user: 'ann' }))).toBe(
        'forbidden',
      )
      expect(await ground.keys()).toHaveLength(1)
    })
  })

  describe.each(additions)('row 9: %s of the client’s own', (_why, more) => {
    test.each(actions)('in %s is refused', async (action) => {
      const ground = await openGround(open())
      const begun = await ground.begin('put')
      await ground.carryOut(begun)
      const before = await ground.keys()
      ground.heard.length = 0
      const how = { route: 'files', user: 'ann' }
      const inside = action === 'sign' && { files: [ground.aFile(more)] }
      const bodies = [
        ...(action === 'sign' && 'metadata' in more ? [] : [ground.bodyOf(action, begun.receipt, more)]),
        ...(inside && !('metadata' in more) && !('size' in more) ? [ground.bodyOf(action, '', inside)] : []),
      ]
      for (const body of bodies)
        expect(await ground.call(body, how)).toMatchObject({ status: 400, body: { code: 'bad-request' } })
      expect(ground.heard.every((one) => one === 'authorize')).toBe(true)
      expect(await ground.keys()).toEqual(before)
    })
  })

  test.each(ways)('row 9: metadata where the route wants none is refused, sent as %s', async (way) => {
    const ground = await openGround(open())
    const asked = { accepts: [way], metadata: { 'x-amz-meta-role': 'admin' } }
    expect(outcome(await ground.sign(asked, { route: 'files' }))).toBe('refused')
    expect(await ground.keys()).toEqual([])
    expect(await ground.open()).toEqual([])
  })

  test('row 10: an address that reads is for the receipt’s own key alone, and reads nothing else', async () => {
    const ground = await openGround(open())
    const mine = await ground.begin('put', { route: 'mine' })
    await ground.carryOut(mine, { route: 'mine' })
    const bobs = await ground.begin('put', { route: 'mine', user: 'bob' })
    await ground.carryOut(bobs, { route: 'mine', user: 'bob' })
    const bobsKey = (await ground.keys()).find((key) => key.startsWith(ground.users('bob'))) ?? ''
    const answer = await ground.call(ground.bodyOf('view', mine.receipt), { route: 'mine', user: 'ann' })
    const url = new URL(answer.body.verdicts?.[0]?.url ?? '')
    expect((await fetch(url)).status).toBe(200)
    const other = new URL(url)
    other.pathname = url.pathname.replace(/attacks\/.*/, bobsKey)
    expect((await fetch(other)).status).toBe(403)
    const { text } = await ground.call(ground.bodyOf('list'), { route: 'mine', user: 'ann' })
    expect(text).not.toContain('users/bob')
  })

  test.each<[why: string, text: string]>([
    ['nothing', ''],
    ['no JSON', '<html>'],
    ['a list', '[]'],
    ['no version', '{"action":"sign","files":[]}'],
    ['another version', '{"v":2,"action":"sign","files":[]}'],
    ['an inherited action', '{"v":1,"action":"toString"}'],
    ['no files', '{"v":1,"action":"sign","files":[]}'],
    ['a prototype', '{"v":1,"action":"confirm","receipts":["x"],"__proto__":{"ok":true}}'],
    ['a deep nest', `{"v":1,"action":"sign","files":${'['.repeat(5000)}${']'.repeat(5000)}}`],
    [
      'a bomb of files',
      JSON.stringify({ v: 1, action: 'sign', files: Array.from({ length: 101 }, () => ({})) }),
    ],
    ['a bomb of receipts', JSON.stringify({ v: 1, action: 'confirm', receipts: Array(51).fill('x') })],
  ])('row 11: %s is answered with a status of failure and a code', async (_why, text) => {
    const ground = await openGround(open())
    const answer = await ground.send(text, { route: 'files', user: 'ann' })
    expect(answer).toMatchObject({ status: 400, body: { code: 'bad-request' } })
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })

  test('row 11: a body beyond the limit is refused', async () => {
    const ground = await openGround(open())
    const answer = await ground.send(`{"v":1,"x":"${'x'.repeat(1_010_000)}"}`, {
      route: 'files',
      user: 'ann',
    })
    expect(answer).toMatchObject({ status: 413, body: { code: 'body-too-large' } })
  })
}

async function giveUp(ground: Ground, receipt: string, how = { route: 'files', user: 'ann' }): Promise<void> {
  await ground.call(ground.bodyOf('abort', receipt), how)
}
