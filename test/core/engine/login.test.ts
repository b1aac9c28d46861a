/** `onUnauthorized`: the app logs in where its server asks for it, and the uploads go on. */
import { beforeAll, expect, test, vi } from 'vitest'

import { UploadError } from '../../../src/core/index.ts'
import { grantOf } from '../../../src/testing/index.ts'
import {
  bench,
  eventually,
  fileOf,
  first,
  loadChunks,
  patternFile,
  quiet,
  serve,
} from '../../support/engine.ts'
import { partBench } from './part-store.ts'

beforeAll(loadChunks)

const wanted = new UploadError('unauthorized', 'never', 'Who are you?', { status: 401 })

test('is asked once for all files that wait for it; then they go on with the same calls', async () => {
  let isIn = false
  let logIn: (() => void) | undefined
  const onUnauthorized = vi.fn(() => new Promise<void>((resolve) => (logIn = resolve)))
  const { uploader, transport, backend } = bench(
    { retry: 5, onUnauthorized },
    {
      batchSize: 1,
      grant: (file) => (isIn ? grantOf(file) : { ok: false, error: wanted }),
    },
  )
  uploader.add(['a', 'b', 'c'].map((name) => fileOf(name)))
  await eventually(() => logIn !== undefined)
  await quiet()
  expect(onUnauthorized).toHaveBeenCalledExactlyOnceWith(wanted)
  expect(transport.requests).toEqual([])
  isIn = true
  logIn?.()
  serve(transport, (sent) => sent.respond())
  await uploader.whenSettled()
  expect(uploader.getCounts()).toMatchObject({ success: 3 })
  expect(backend.calls).toHaveLength(6)
  expect(onUnauthorized).toHaveBeenCalledTimes(1)
})

test.each([
  ['false', async () => false],
  ['a rejection', async () => Promise.reject(new Error('The window was closed.'))],
])('%s lets the file fail, as it was', async (_what, onUnauthorized) => {
  vi.stubGlobal('reportError', () => undefined)
  const { uploader, until, backend } = bench(
    { retry: 5, onUnauthorized },
    { grant: () => ({ ok: false, error: wanted }) },
  )
  const { id } = first(uploader.add(fileOf('a')))
  expect(await until(id, 'error')).toMatchObject({ step: 'prepare', error: wanted })
  expect(backend.calls).toHaveLength(1)
  vi.unstubAllGlobals()
})

test('a login that does not help is not asked for in a circle', async () => {
  const onUnauthorized = vi.fn(async () => true)
  const { uploader, until, backend } = bench(
    { retry: 5, onUnauthorized },
    { grant: () => ({ ok: false, error: wanted }) },
  )
  const { id } = first(uploader.add(fileOf('a')))
  expect(await until(id, 'error')).toMatchObject({ error: { code: 'unauthorized' } })
  expect(backend.calls).toHaveLength(2)
  expect(onUnauthorized.mock.calls.length).toBeLessThanOrEqual(2)
})

test('in the middle of an upload in parts: only the call that was refused is repeated', async () => {
  let isIn = false
  let calls = 0
  const { uploader, transport, until, take, sent, log } = partBench(
    {
      retry: 5,
      concurrency: 1,
      onUnauthorized: () => {
        isIn = true
      },
    },
    {
      multipart: ({ signParts }) => ({
        signParts(...args) {
          if (++calls > 1 && !isIn) throw wanted
          return signParts(...args)
        },
      }),
    },
  )
  const { id } = first(uploader.add(patternFile('a', 60)))
  serve(transport, take)
  await until(id, 'success')
  expect(sent()).toEqual([1, 2, 3, 4, 5, 6])
  expect(log.filter((what) => what.startsWith('create'))).toHaveLength(1)
  expect(isIn).toBe(true)
})

test('in confirm: the bytes are not sent again', async () => {
  let isIn = false
  const { uploader, transport, until } = bench(
    {
      retry: 5,
      onUnauthorized: () => {
        isIn = true
      },
    },
    {
      confirm() {
        if (!isIn) throw wanted
        return 'welcome'
      },
    },
  )
  const { id } = first(uploader.add(fileOf('a')))
  ;(await transport.next()).respond()
  expect(await until(id, 'success')).toMatchObject({ result: 'welcome' })
  expect(transport.requests).toHaveLength(1)
})

test('403 is no login that is missing', async () => {
  const onUnauthorized = vi.fn()
  const refused = new UploadError('unauthorized', 'never', 'Not you.', { status: 403 })
  const { uploader, until } = bench({ onUnauthorized }, { grant: () => ({ ok: false, error: refused }) })
  await until(first(uploader.add(fileOf('a'))).id, 'error')
  expect(onUnauthorized).not.toHaveBeenCalled()
})

test('goes on after a login also where nothing else is tried again, once', async () => {
  const onUnauthorized = vi.fn<() => void>()
  const { uploader, until, backend } = bench(
    { retry: false, onUnauthorized },
    { grant: () => ({ ok: false, error: wanted }) },
  )
  const { id } = first(uploader.add(fileOf('a')))
  expect(await until(id, 'error')).toMatchObject({ step: 'prepare', error: { code: 'unauthorized' } })
  expect(backend.calls).toHaveLength(2)
})
