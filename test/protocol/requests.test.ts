import { describe, expect, test } from 'vitest'

import { ProtocolError } from '../../src/protocol/json.ts'
import { wireLimits } from '../../src/protocol/limits.ts'
import { parseRequest } from '../../src/protocol/requests.ts'

const file = { id: '1', name: 'a.png', size: 1, type: '', reason: 'first', accepts: ['post'] }
const sign = (changes: object = {}): string =>
  JSON.stringify({ v: 1, action: 'sign', files: [{ ...file, ...changes }] })

const complete = (parts: unknown): string => JSON.stringify({ v: 1, action: 'complete', receipt: 'r', parts })

describe('reads what is right', () => {
  test('a file with what it must have', () => {
    expect(parseRequest(sign())).toEqual({ v: 1, action: 'sign', files: [file] })
  })

  test('a file with everything', () => {
    const full = {
      ...file,
      lastModified: -1000,
      relativePath: 'x/a.png',
      reason: 'renew',
      receipt: 'r',
      minimumLife: 3600,
    }
    expect(parseRequest(sign(full))).toEqual({ v: 1, action: 'sign', files: [full] })
  })

  test('a name that is a half surrogate pair, or inherited', () => {
    expect(parseRequest(sign({ name: '\uD800', id: '__proto__' }))).toMatchObject({
      files: [{ name: '\uD800', id: '__proto__' }],
    })
  })

  test('a life beyond all bounds, cut', () => {
    expect(parseRequest(sign({ minimumLife: 1e12 }))).toMatchObject({ files: [{ minimumLife: 604_800 }] })
  })

  test('parts, with what is known of them', () => {
    expect(parseRequest(complete([[1], [2, 'e'], [3, null, 'd']]))).toMatchObject({
      parts: [
        [1, null, null],
        [2, 'e', null],
        [3, null, 'd'],
      ],
    })
  })

  test('the end of the largest upload, within the bounds of a body', () => {
    const part = (at: number) => [at + 1, 'f'.repeat(32), `${'A'.repeat(43)}=`]
    const text = JSON.stringify({
      v: 1,
      action: 'complete',
      receipt: 'r'.repeat(wireLimits.receipt),
      parts: Array.from({ length: 10_000 }, (_, at) => part(at)),
    })
    expect(text.length).toBeLessThan(wireLimits.body)
    expect(parseRequest(text)).toMatchObject({ action: 'complete' })
  })

  test('confirmations', () => {
    const confirm = { v: 1, action: 'confirm', receipts: ['r', 's'] } as const
    expect(parseRequest(JSON.stringify(confirm))).toEqual(confirm)
  })
})

test.each<[why: string, body: string, place: string]>([
  ['nothing', '', 'JSON'],
  ['no JSON', '<html>', 'JSON'],
  ['a list', '[]', 'The body'],
  ['null', 'null', 'The body'],
  ['text', '"sign"', 'The body'],
  ['no version', JSON.stringify({ action: 'sign', files: [file] }), 'v must'],
  ['another version', JSON.stringify({ v: 2, action: 'sign', files: [file] }), 'v must'],
  ['version as text', JSON.stringify({ v: '1', action: 'sign', files: [file] }), 'v must'],
  ['no action', JSON.stringify({ v: 1 }), 'action'],
  ['an action of the future', JSON.stringify({ v: 1, action: 'rename', receipt: 'r' }), 'action'],
  ['an inherited action', JSON.stringify({ v: 1, action: 'constructor' }), 'action'],
  ['an inherited action by __proto__', '{"v":1,"action":"__proto__"}', 'action'],
  ['no files', JSON.stringify({ v: 1, action: 'sign' }), 'files'],
  ['an empty batch', JSON.stringify({ v: 1, action: 'sign', files: [] }), 'files'],
  [
    'a batch bomb',
    JSON.stringify({ v: 1, action: 'sign', files: Array.from({ length: 101 }, () => file) }),
    'files',
  ],
  ['files as an object', JSON.stringify({ v: 1, action: 'sign', files: { length: 1, 0: file } }), 'files'],
  ['an unknown member', JSON.stringify({ v: 1, action: 'sign', files: [file], key: 'x' }), '"key"'],
  ['__proto__ as a member', '{"v":1,"action":"confirm","receipts":["r"],"__proto__":{}}', '"__proto__"'],
  ['a key of the client', sign({ key: 'admin/x' }), '"key"'],
  ['a policy of the client', sign({ conditions: [] }), '"conditions"'],
  ['metadata of the client', JSON.stringify({ v: 1, action: 'confirm', receipts: ['r'], key: 'x' }), '"key"'],
  ['one receipt for many', JSON.stringify({ v: 1, action: 'confirm', receipt: 'r' }), '"receipt"'],
  ['no receipts', JSON.stringify({ v: 1, action: 'abort', receipts: [] }), 'receipts'],
  ['receipts that are none', JSON.stringify({ v: 1, action: 'abort', receipts: ['r', 5] }), 'receipts[1]'],
  [
    'receipts without end',
    JSON.stringify({ v: 1, action: 'confirm', receipts: Array(51).fill('r') }),
    'receipts',
  ],
  ['parts as objects', complete([{ number: 1 }]), 'parts[0]'],
  ['a part without number', complete([[]]), 'parts[0][0]'],
  ['part 0', complete([[0]]), 'parts[0][0]'],
  ['a part with too much', complete([[1, null, null, 1]]), 'parts[0]'],
  ['an ETag out of bounds', complete([[1, 'e'.repeat(129)]]), 'parts[0][1]'],
  ['another digest', sign({ partChecksum: 'md5' }), 'files[0].partChecksum'],
  ['a file that is none', JSON.stringify({ v: 1, action: 'sign', files: [null] }), 'files[0]'],
  ['no name', sign({ name: undefined }), 'files[0].name'],
  ['a name that is a number', sign({ name: 5 }), 'files[0].name'],
  ['a name as a list', sign({ name: ['a'] }), 'files[0].name'],
  ['a name out of bounds', sign({ name: 'x'.repeat(513) }), 'files[0].name'],
  ['a size below nothing', sign({ size: -1 }), 'files[0].size'],
  ['half a byte', sign({ size: 1.5 }), 'files[0].size'],
  ['a size as text', sign({ size: '1' }), 'files[0].size'],
  ['a size beyond counting', sign({ size: 2 ** 53 }), 'files[0].size'],
  ['an endless size', sign().replace('"size":1', '"size":1e999'), 'files[0].size'],
  ['a type out of bounds', sign({ type: 'x'.repeat(256) }), 'files[0].type'],
  ['an id out of bounds', sign({ id: 'x'.repeat(129) }), 'files[0].id'],
  ['a time that is none', sign({ lastModified: 1e300 }), 'files[0].lastModified'],
  ['a path out of bounds', sign({ relativePath: 'x'.repeat(1025) }), 'files[0].relativePath'],
  ['another reason', sign({ reason: 'toString' }), 'files[0].reason'],
  ['a receipt out of bounds', sign({ receipt: 'x'.repeat(wireLimits.receipt + 1) }), 'files[0].receipt'],
  ['a receipt that is null', sign({ receipt: null }), 'files[0].receipt'],
  ['a life below nothing', sign({ minimumLife: -1 }), 'files[0].minimumLife'],
  ['accepts as text', sign({ accepts: 'post' }), 'files[0].accepts'],
  ['accepts without end', sign({ accepts: Array(17).fill('post') }), 'files[0].accepts'],
  ['accepts of objects', sign({ accepts: [{}] }), 'files[0].accepts'],
])('refuses %s', (_why, body, place) => {
  expect(() => parseRequest(body)).toThrow(ProtocolError)
  expect(() => parseRequest(body)).toThrow(place)
})

test('says little of what it was sent', () => {
  const attack = JSON.stringify({ v: 1, action: 'confirm', receipts: ['r'], ['<script>'.repeat(1000)]: 1 })
  expect(() => parseRequest(attack)).toThrow(/^.{0,120}$/)
})

test('deep nesting is no trouble', () => {
  const bomb = `{"v":1,"action":"sign","files":${'['.repeat(200_000)}${']'.repeat(200_000)}}`
  expect(() => parseRequest(bomb)).toThrow(ProtocolError)
})
