/** Commands that the app gives from its callbacks. */
import { beforeAll, describe, expect, test, vi } from 'vitest'

import type { ScriptedTransport } from '../../../src/testing/index.ts'
import { bench, fileOf, first, loadChunks, quiet } from '../../support/engine.ts'

beforeAll(loadChunks)

const sentBy = (transport: ScriptedTransport): (string | false)[] =>
  transport.requests.map(({ body }) => body?.kind === 'form' && body.fileName)

describe.each([
  ['cancel', 'canceled'],
  ['pause', 'paused'],
  ['remove', undefined],
] as const)('%s', (command, status) => {
  test('in onAdded: that file is not sent, and holds no place', async () => {
    const { uploader, transport, backend, until } = bench({
      concurrency: 1,
      onAdded: ([item]) => uploader[command](item?.id),
    })
    const [a, b] = uploader.add([fileOf('a'), fileOf('b')])
    ;(await transport.next()).respond()
    await until(b?.id ?? '', 'success')
    await quiet()
    expect(uploader.getItem(a?.id ?? '')?.status).toBe(status)
    expect(sentBy(transport)).toEqual(['b'])
    expect(backend.calls.flat().map(({ name }) => name)).toEqual(['b'])
  })

  test('in onStatus, as another begins: the same', async () => {
    const { uploader, transport, until } = bench({
      concurrency: 2,
      beforeUpload: () => undefined,
      onStatus: ({ name }, previous) =>
        name === 'a' && previous === 'queued' && uploader[command](uploader.getIds()[1]),
    })
    const [a, b, c] = uploader.add([fileOf('a'), fileOf('b'), fileOf('c')])
    ;(await transport.next()).respond()
    ;(await transport.next()).respond()
    await until(a?.id ?? '', 'success')
    await until(c?.id ?? '', 'success')
    await quiet()
    expect(uploader.getItem(b?.id ?? '')?.status).toBe(status)
    expect(new Set(sentBy(transport))).toEqual(new Set(['a', 'c']))
  })

  test('in onStatus, of what a retry has just queued: the same', async () => {
    const { uploader, transport, until } = bench({
      concurrency: 1,
      onStatus: ({ name }, previous) =>
        name === 'b' && previous === 'error' && uploader[command](uploader.getIds()[0]),
    })
    const [a, b] = uploader.add([fileOf('a'), fileOf('b')])
    ;(await transport.next()).fail()
    ;(await transport.next()).fail()
    await until(b?.id ?? '', 'error')
    uploader.retry()
    ;(await transport.next()).respond()
    await until(b?.id ?? '', 'success')
    expect(uploader.getItem(a?.id ?? '')?.status).toBe(status)
    expect(sentBy(transport)).toEqual(['a', 'b', 'b'])
  })
})

test('retry in onError: it goes on, and the end of its first try is told once', async () => {
  const onError = vi.fn()
  const onSettled = vi.fn()
  const { uploader, transport, until } = bench({
    onError(error, item) {
      onError(error.code)
      uploader.retry(item.id)
    },
    onSettled,
  })
  const { id } = first(uploader.add(fileOf('a')))
  ;(await transport.next()).fail()
  ;(await transport.next()).respond()
  await until(id, 'success')
  expect(onError).toHaveBeenCalledExactlyOnceWith('network')
  expect(onSettled).toHaveBeenCalledOnce()
})

test('what a callback ends is not told of twice', async () => {
  const onSettled = vi.fn()
  const { uploader, transport } = bench({
    onSettled,
    onStatus: ({ status }) => status === 'canceled' && uploader.cancel(),
  })
  const [a] = uploader.add([fileOf('a'), fileOf('b')])
  await transport.next()
  uploader.cancel(a?.id)
  expect(uploader.getCounts()).toMatchObject({ canceled: 2 })
  expect(onSettled).toHaveBeenCalledOnce()
})

test('cancel in onStatus, as a file is about to be asked about: beforeUpload is not called', async () => {
  const beforeUpload = vi.fn()
  const { uploader, backend } = bench({
    beforeUpload,
    onStatus: ({ id, status }) => status === 'preparing' && uploader.cancel(id),
  })
  uploader.add(fileOf('a'))
  await quiet()
  expect(beforeUpload).not.toHaveBeenCalled()
  expect(backend.calls).toEqual([])
})

test('destroy in onStatus: none of those that were to begin with it begins', async () => {
  const beforeUpload = vi.fn()
  const { uploader, backend } = bench({ beforeUpload, onStatus: () => uploader.destroy() })
  uploader.add([fileOf('a'), fileOf('b')])
  await quiet()
  expect(beforeUpload).not.toHaveBeenCalled()
  expect(backend.calls).toEqual([])
})
