/** What the app's checks answer later, in whatever shape: a promise of ours, of another frame, or a library's thenable. */
import { runInNewContext } from 'node:vm'

import { beforeAll, expect, test } from 'vitest'

import type { UploadChecks, Verdict } from '../../../src/core/index.ts'
import { bench, fileOf, first, loadChunks } from '../../support/engine.ts'

beforeAll(loadChunks)

type Check = () => Promise<Verdict>

/* eslint-disable unicorn/no-thenable -- thenables are what it is about */
const answers: readonly [string, () => unknown][] = [
  ['a thenable', () => ({ then: (tell: (verdict: Verdict) => void) => tell('no') })],
  ['one that rejects', () => ({ then: (_: unknown, fail: (why: Error) => void) => fail(new Error('no')) })],
  ['a promise of another frame', () => runInNewContext("Promise.resolve('no')")],
]
const checks: readonly [string, (check: Check) => UploadChecks][] = [
  ['validator', (validator) => ({ validator })],
  ['validateBatch', (validateBatch) => ({ validateBatch })],
  ['duplicates', (duplicates) => ({ duplicates })],
]
const cases = checks.flatMap(([name, checksOf]) =>
  answers.map(([what, answer]) => [name, what, checksOf(answer as Check)] as const),
)

test.each(cases)('%s: %s is waited for, and refuses its file', async (_name, _what, asked) => {
  const { uploader, transport, until } = bench({ autoStart: false, ...asked })
  if (asked.duplicates) uploader.add(fileOf('a'))
  const { id } = first(uploader.add(fileOf('a')))
  uploader.start(id)
  expect(await until(id, 'rejected')).toMatchObject({ errors: [{ reason: 'no' }] })
  expect(transport.requests).toEqual([])
})
