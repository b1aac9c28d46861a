/** `beforeUpload`: the app changes or vetoes one file, just before its target is asked for. */
import { beforeAll, expect, test, vi } from 'vitest'

import type { UploadItem } from '../../../src/core/index.ts'
import { UploadError } from '../../../src/core/index.ts'
import { buildUploader } from '../../../src/core/uploader.ts'
import { grantOf } from '../../../src/testing/index.ts'
import {
  bench,
  errorAnswer,
  eventually,
  fileOf,
  first,
  loadChunks,
  quiet,
  testLine,
} from '../../support/engine.ts'

beforeAll(loadChunks)

test('changes the name and what the backend is told, before the first ask', async () => {
  const { uploader, transport, backend, until } = bench({
    beforeUpload: async ({ name }) => ({ name: `2026/${name}`, options: { album: 7 } }),
  })
  const { id } = first(uploader.add(fileOf('a'), { options: { album: 1 } }))
  const sent = await transport.next()
  expect(backend.calls).toMatchObject([[{ id, name: '2026/a', options: { album: 7 } }]])
  expect(sent.request.body).toMatchObject({ fileName: '2026/a' })
  sent.respond()
  expect(await until(id, 'success')).toMatchObject({ name: '2026/a', options: { album: 7 } })
})

test('what it leaves out stays', async () => {
  const { uploader, transport, backend } = bench({ beforeUpload: () => ({ options: { album: 7 } }) })
  uploader.add(fileOf('a'))
  await transport.next()
  expect(backend.calls).toMatchObject([[{ name: 'a', options: { album: 7 } }]])
})

test('may give the whole item back, changed, and a name that it does not have', async () => {
  const { uploader, transport, backend, until } = bench({
    beforeUpload: (item) => (item.name === 'a' ? { ...item, name: 'new' } : nameless),
  })
  const [a, b] = uploader.add([fileOf('a', 4, 'image/png'), fileOf('b')], { options: 1 })
  ;(await transport.next()).respond()
  ;(await transport.next()).respond()
  expect(await until(a?.id ?? '', 'success')).toMatchObject({ name: 'new', type: 'image/png' })
  expect(await until(b?.id ?? '', 'success')).toMatchObject({ name: 'b' })
  expect(backend.calls.flat().map(({ name, options }) => [name, options])).toEqual([
    ['new', 1],
    ['b', 1],
  ])
})

// An app without `exactOptionalPropertyTypes` may well write this.
const nameless: object = { name: undefined }

test('gets the whole item as it is then, and may say nothing', async () => {
  const beforeUpload = vi.fn((_item: UploadItem) => undefined)
  const { uploader, transport, until } = bench({ beforeUpload })
  const { id } = first(uploader.add(fileOf('a', 9), { options: 'x' }))
  ;(await transport.next()).respond()
  await until(id, 'success')
  expect(beforeUpload).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ id, name: 'a', size: 9, options: 'x', file: expect.any(File) }),
    { signal: expect.any(AbortSignal) },
  )
})

test('vetoes one file with a reason; the others go on', async () => {
  const onRejected = vi.fn()
  const { uploader, backend, transport, until } = bench({
    onRejected,
    beforeUpload: ({ name }) => (name === 'bad' ? { veto: 'Not on Sundays.' } : undefined),
  })
  const [bad, good] = uploader.add([fileOf('bad'), fileOf('good')])
  const rejected = await until(bad?.id ?? '', 'rejected')
  expect(rejected).toMatchObject({
    errors: [{ code: 'vetoed', reason: 'Not on Sundays.', file: { name: 'bad' } }],
  })
  expect(onRejected).toHaveBeenCalledExactlyOnceWith([rejected])
  ;(await transport.next()).respond()
  await until(good?.id ?? '', 'success')
  expect(backend.calls.flat().map(({ name }) => name)).toEqual(['good'])
  expect(uploader.getTotals()).toMatchObject({ files: 1, succeeded: 1 })
})

test('what it throws is the item’s error at step `prepare`; a retry asks it again', async () => {
  const cause = new TypeError('boom')
  let throws = true
  const { uploader, transport, backend, until } = bench({
    beforeUpload: async () => {
      if (throws) throw cause
    },
  })
  const { id } = first(uploader.add(fileOf('a')))
  expect(await until(id, 'error')).toMatchObject({ step: 'prepare', error: { code: 'internal', cause } })
  expect(backend.calls).toEqual([])
  throws = false
  uploader.retry(id)
  ;(await transport.next()).respond()
  await until(id, 'success')
})

test('its signal aborts with a cancel, and what it says then is not heard', async () => {
  let answer: (() => void) | undefined
  let given: AbortSignal | undefined
  const { uploader, backend, until } = bench({
    beforeUpload: async (_item, { signal }) => {
      given = signal
      await new Promise<void>((resolve) => (answer = resolve))
      return { name: 'late' }
    },
  })
  const { id } = first(uploader.add(fileOf('a')))
  await eventually(() => given !== undefined)
  expect(uploader.getItem(id)?.status).toBe('preparing')
  uploader.cancel(id)
  expect(given?.aborted).toBe(true)
  answer?.()
  await quiet()
  expect(await until(id, 'canceled')).toMatchObject({ name: 'a' })
  expect(backend.calls).toEqual([])
})

test('one slow answer does not hold up the other files', async () => {
  const { uploader, transport } = bench({
    beforeUpload: ({ name }) => (name === 'slow' ? new Promise(() => undefined) : undefined),
  })
  uploader.add([fileOf('slow'), fileOf('quick')])
  expect((await transport.next()).request.body).toMatchObject({ fileName: 'quick' })
})

test('is asked once in a file’s life: not for another try, not after a pause; what it changed stays', async () => {
  const beforeUpload = vi.fn(async () => ({ name: 'new', options: 7 }))
  const { uploader, transport, backend, until, clock } = bench({
    beforeUpload,
    retry: 5,
    retryDelay: 1,
  })
  const { id } = first(uploader.add(fileOf('old')))
  // At once, within the same run.
  ;(await transport.next()).respond(errorAnswer(403, 'AccessDenied', 'Request has expired'))
  // After a wait.
  ;(await transport.next()).respond(errorAnswer(503, 'SlowDown'))
  await transport.next()
  uploader.pause(id)
  clock.now += 60_000
  uploader.resume(id)
  ;(await transport.next()).respond()
  await until(id, 'success')
  expect(beforeUpload).toHaveBeenCalledTimes(1)
  for (const request of backend.calls.flat()) expect(request).toMatchObject({ name: 'new', options: 7 })
  for (const { body } of transport.requests) expect(body).toMatchObject({ fileName: 'new' })
})

test('after a cancel a new life begins: it is asked again', async () => {
  const beforeUpload = vi.fn(() => undefined)
  const { uploader, transport, until } = bench({ beforeUpload })
  const { id } = first(uploader.add(fileOf('a')))
  await transport.next()
  uploader.cancel(id)
  uploader.retry(id)
  ;(await transport.next()).respond()
  await until(id, 'success')
  expect(beforeUpload).toHaveBeenCalledTimes(2)
})

test('it is not asked again because the signer was down', async () => {
  let calls = 0
  const beforeUpload = vi.fn(() => ({ name: 'new' }))
  const { uploader, transport, backend, until } = bench(
    { beforeUpload, retry: 5, retryDelay: 1 },
    {
      grant(file) {
        if (++calls === 1) throw new UploadError('signer-failed', 'later', 'down')
        return grantOf(file)
      },
    },
  )
  const { id } = first(uploader.add(fileOf('a')))
  ;(await transport.next()).respond()
  await until(id, 'success')
  expect(beforeUpload).toHaveBeenCalledTimes(1)
  expect(backend.calls.flat().map(({ name }) => name)).toEqual(['new', 'new'])
})

test('a new life begins too after the cancel of what the app did not confirm', async () => {
  const beforeUpload = vi.fn(() => undefined)
  let refuses = true
  const { uploader, transport, until } = bench(
    { beforeUpload },
    {
      confirm() {
        if (refuses) throw new UploadError('refused', 'never', 'no')
        return 'ok'
      },
    },
  )
  const { id } = first(uploader.add(fileOf('a')))
  ;(await transport.next()).respond()
  await until(id, 'error')
  uploader.cancel(id)
  refuses = false
  uploader.retry(id)
  ;(await transport.next()).respond()
  await until(id, 'success')
  expect(beforeUpload).toHaveBeenCalledTimes(2)
})

test('nothing is kept of a file that is over: another one by the same id is asked about too', async () => {
  const beforeUpload = vi.fn<(item: UploadItem) => undefined>()
  const { transport, backend, clock } = bench()
  const parts = {
    backend,
    transport,
    now: () => clock.now,
    newId: () => 'same',
    random: () => 1,
    line: testLine(),
    report: () => undefined,
    resumption: undefined,
    hasVisited: async () => false,
    schedule: () => () => undefined,
  }
  const uploader = buildUploader(parts, { beforeUpload })
  for (const name of ['a', 'b']) {
    uploader.add(fileOf(name))
    ;(await transport.next()).respond()
    await uploader.whenSettled()
    uploader.clear()
  }
  expect(beforeUpload.mock.calls.map(([{ name }]) => name)).toEqual(['a', 'b'])
})

test.each([
  ['Chromium', 'Failed to fetch'],
  ['Firefox', 'NetworkError when attempting to fetch resource.'],
  ['Safari', 'Load failed'],
])('an app’s own fetch that gets no answer (%s) is an outage, not a fault', async (_browser, message) => {
  let isDown = true
  const { uploader, transport, until } = bench({
    retry: 5,
    retryDelay: 1,
    beforeUpload: async () => {
      if (isDown) throw new TypeError(message)
    },
  })
  const { id } = first(uploader.add(fileOf('a')))
  expect(await until(id, 'waiting')).toMatchObject({ error: { code: 'network', retry: 'later' } })
  isDown = false
  ;(await transport.next()).respond()
  await until(id, 'success')
})

test('any other TypeError is a fault of the app’s, and is not tried again', async () => {
  const beforeUpload = vi.fn(async () => {
    throw new TypeError("Cannot read properties of undefined (reading 'fetch')")
  })
  const { uploader, until } = bench({ retry: 5, beforeUpload })
  const { id } = first(uploader.add(fileOf('a')))
  expect(await until(id, 'error')).toMatchObject({ error: { code: 'internal', retry: 'never' } })
  expect(beforeUpload).toHaveBeenCalledOnce()
})
