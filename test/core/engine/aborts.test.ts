/** Aborts that are refused, not known, or slow, and what begins anew after them. */
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'

import { UploadError } from '../../../src/core/index.ts'
import { eventually, first, loadChunks, patternFile, quiet, serve } from '../../support/engine.ts'
import { noSuchUpload, partBench } from './part-store.ts'

beforeAll(loadChunks)
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test.each([
  ['that the server refuses for good is reported', new UploadError('refused', 'never', 'no'), 1],
  ['of what the server does not know is heard: that is what was wanted', noSuchUpload(), 0],
])('an abort %s, not repeated', async (_what, error, reports) => {
  const reported = vi.fn()
  vi.stubGlobal('reportError', reported)
  const abort = vi.fn(() => Promise.reject(error))
  const { uploader, transport } = partBench({}, { multipart: () => ({ abort }) })
  const { id } = first(uploader.add(patternFile('a', 30)))
  await transport.next()
  uploader.cancel(id)
  await quiet()
  await vi.advanceTimersByTimeAsync(60_000)
  vi.unstubAllGlobals()
  expect(abort).toHaveBeenCalledTimes(1)
  expect(reported.mock.calls).toEqual(reports ? [[error]] : [])
})

test('a grant that arrived after a cancel and was aborted is not what a retry goes on with', async () => {
  let arrive: (() => void) | undefined
  let begun = 0
  const it = partBench(
    {},
    {
      script: {
        async grant({ id }) {
          const uploadId = `u${++begun}`
          if (begun === 1) await new Promise<void>((resolve) => (arrive = resolve))
          it.world.uploads.set(uploadId, new Map())
          const ref = { key: id, uploadId }
          return { ok: true, ref, target: { type: 'multipart', partSize: 10, stored: [] } }
        },
      },
    },
  )
  const { id } = first(it.uploader.add(patternFile('a', 30)))
  await eventually(() => arrive !== undefined)
  it.uploader.cancel(id)
  arrive?.()
  await quiet()
  expect(it.log).toEqual(['abort u1'])
  it.uploader.retry(id)
  serve(it.transport, it.take)
  await it.until(id, 'success')
  expect(begun).toBe(2)
  expect(it.sent()).toEqual([1, 2, 3])
})

test('a retry after a cancel waits for the abort, lest the new upload ends with the old one', async () => {
  let end: (() => void) | undefined
  const it = partBench(
    {},
    {
      multipart: ({ abort }) => ({
        async abort(...args) {
          await new Promise<void>((resolve) => (end = resolve))
          return abort(...args)
        },
      }),
    },
  )
  const { id } = first(it.uploader.add(patternFile('a', 30)))
  await it.transport.next()
  it.uploader.cancel(id)
  it.uploader.retry(id)
  await quiet()
  expect(it.log.filter((what) => what.startsWith('create'))).toHaveLength(1)
  expect(it.uploader.getItem(id)?.status).toBe('preparing')
  end?.()
  serve(it.transport, it.take)
  await it.until(id, 'success')
  expect(it.log.filter((what) => /create|abort/.test(what))).toEqual(['create a', 'abort u1', 'create a'])
  expect(it.world.uploads.size).toBe(0)
})

test('silence is no refusal: an abort that nobody answers is repeated until somebody does', async () => {
  const reported = vi.fn()
  vi.stubGlobal('reportError', reported)
  let silent = 20
  const { uploader, transport, world } = partBench(
    {},
    {
      multipart: ({ abort }) => ({
        async abort(...args) {
          if (silent-- > 0) throw new UploadError('signer-unreachable', 'later', 'No answer.')
          return abort(...args)
        },
      }),
    },
  )
  const { id } = first(uploader.add(patternFile('a', 30)))
  await transport.next()
  uploader.cancel(id)
  for (let turn = 0; turn < 25; turn++) {
    await quiet()
    await vi.advanceTimersByTimeAsync(30_000)
  }
  vi.unstubAllGlobals()
  expect(world.uploads.size).toBe(0)
  expect(silent).toBe(-1)
  expect(reported).not.toHaveBeenCalled()
})
