import { expect, test } from 'vitest'

import { parseVerdicts, readConfirmed } from '../../src/protocol/action-answers.ts'
import { parseProblem, parseSignAnswer } from '../../src/protocol/answers.ts'
import { ProtocolError } from '../../src/protocol/json.ts'

const target = { type: 'post', urls: ['https://b.example/'], fields: [['key', 'k']], expiresIn: 61 }
const granted = { ok: true, receipt: 'r', target }
const answer = (...files: unknown[]): string => JSON.stringify({ v: 1, files })

test('reads grants and refusals, and passes over what it does not know', () => {
  const refused = { ok: false, error: { code: 'file-too-large', message: 'Too large.', limit: 5, actual: 9 } }
  const text = JSON.stringify({ v: 1, files: [{ ...granted, news: 1 }, refused], more: true })
  expect(parseSignAnswer(text, 2)).toEqual([granted, refused])
})

test('reads a code of a newer signer as a plain refusal', () => {
  const refused = { ok: false, error: { code: 'moon-too-full', message: 'Wait.' } }
  expect(parseSignAnswer(answer(refused), 1)).toEqual([
    { ok: false, error: { code: 'refused', message: 'Wait.' } },
  ])
})

test('reads a target of a newer signer as unknown', () => {
  const put = { ok: true, receipt: 'r', target: { type: 'beam', request: {} } }
  expect(parseSignAnswer(answer(put), 1)).toEqual([
    { ok: true, receipt: 'r', target: { type: 'unknown', kind: 'beam' } },
  ])
})

const withTarget = (changes: object): string => answer({ ...granted, target: { ...target, ...changes } })

test.each<[why: string, text: string]>([
  ['a page', '<!doctype html><title>Bad Gateway</title>'],
  ['nothing', ''],
  ['no version', JSON.stringify({ files: [granted] })],
  ['too few', answer()],
  ['too many', answer(granted, granted)],
])('refuses %s', (_why, text) => {
  expect(() => parseSignAnswer(text, 1)).toThrow(ProtocolError)
})

test.each<[why: string, text: string]>([
  ['no verdict', answer({ receipt: 'r', target })],
  ['a verdict as text', answer({ ...granted, ok: 'true' })],
  ['no receipt', answer({ ok: true, target })],
  ['no target', answer({ ok: true, receipt: 'r' })],
  ['no address', withTarget({ urls: [] })],
  ['an address that is a script', withTarget({ urls: ['javascript:alert(1)'] })],
  ['a second address that is a script', withTarget({ urls: ['https://b.example/', 'data:,x'] })],
  ['a relative address', withTarget({ urls: ['/b'] })],
  ['fields as an object', withTarget({ fields: { key: 'k' } })],
  ['a field without a value', withTarget({ fields: [['key']] })],
  ['a field of three', withTarget({ fields: [['key', 'k', 'x']] })],
  ['a field that is a number', withTarget({ fields: [['key', 5]] })],
  ['no life', withTarget({ expiresIn: 0 })],
  ['a life as text', withTarget({ expiresIn: '61' })],
  ['no error', answer({ ok: false })],
  ['an error without words', answer({ ok: false, error: { code: 'refused' } })],
])('refuses one file of several: %s', (_why, text) => {
  const { files } = JSON.parse(text) as { files: unknown[] }
  expect(parseSignAnswer(answer(granted, ...files, granted), 3)).toEqual([
    granted,
    expect.any(ProtocolError),
    granted,
  ])
})

test('words of any length say why, and a limit that is no number keeps nobody from it', () => {
  const error = { code: 'file-too-large', message: 'x'.repeat(9000), limit: 104_857.6, actual: null }
  expect(parseSignAnswer(answer({ ok: false, error }), 1)).toEqual([
    { ok: false, error: { code: 'file-too-large', message: 'x'.repeat(2000), limit: 104_857.6 } },
  ])
  const problem = JSON.stringify({ code: 'refused', detail: 'x'.repeat(9000) })
  expect(parseProblem(problem)?.detail).toHaveLength(2000)
})

const verdicts = (...list: unknown[]): string => JSON.stringify({ v: 1, verdicts: list })

test('reads confirmations and their failures, in order', () => {
  const stored = { key: 'k', size: 3, etag: '"e"' }
  const confirmed = { stored, result: { __proto__x: [1, null] } }
  const error = { status: 500, code: 'of-the-future', detail: 'Why.', more: 1 }
  const text = verdicts({ ok: true, ...confirmed }, { ok: false, error }, { ok: true, stored })
  expect(parseVerdicts(text, 3, readConfirmed)).toEqual([
    { ok: true, value: confirmed },
    { ok: false, status: 500, problem: { code: 'of-the-future', detail: 'Why.' } },
    { ok: true, value: { stored, result: null } },
  ])
})

test.each([
  ['none', '{}'],
  ['another version', '{"v":2,"verdicts":[{"ok":true}]}'],
  ['one too few', verdicts()],
  ['one too many', verdicts({ ok: true }, { ok: true })],
])('refuses verdicts: %s', (_why, text) => {
  expect(() => parseVerdicts(text, 1, readConfirmed)).toThrow(ProtocolError)
})

test.each([
  ['no verdict', null],
  ['no object', { ok: true, result: 1 }],
  ['a size that is none', { ok: true, stored: { key: 'k', size: -1, etag: '' } }],
  ['no reason', { ok: false }],
  ['a reason without words', { ok: false, error: { status: 500, code: 'x' } }],
])('refuses one verdict of several: %s', (_why, odd) => {
  const good = { ok: true, stored: { key: 'k', size: 1, etag: '' } }
  expect(parseVerdicts(verdicts(good, odd, good), 3, readConfirmed)).toEqual([
    { ok: true, value: { stored: good.stored, result: null } },
    expect.any(ProtocolError),
    { ok: true, value: { stored: good.stored, result: null } },
  ])
})

test('finds problem details, and nothing in other bodies', () => {
  expect(parseProblem('{"code":"expired","detail":"Too late.","status":410}')).toEqual({
    code: 'expired',
    detail: 'Too late.',
  })
  for (const other of ['', '<html>', '[]', '{"message":"Internal server error"}', '{"code":5,"detail":"x"}'])
    expect(parseProblem(other)).toBeUndefined()
})
