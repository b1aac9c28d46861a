/** Commands that set going again, and those that change what is not granted yet. */
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'

import { bench, fileOf, first, loadChunks, patternFile, quiet, serve } from '../../support/engine.ts'
import { partBench } from './part-store.ts'

beforeAll(loadChunks)
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test.each(['resume', 'retry'] as const)('%s ends a wait at once', async (command) => {
  const { uploader, transport, until } = bench({ retry: 5, retryDelay: 60_000 })
  const { id } = first(uploader.add(fileOf('a')))
  ;(await transport.next()).fail()
  await until(id, 'waiting')
  uploader[command](id)
  ;(await transport.next()).respond()
  await until(id, 'success')
  expect(vi.getTimerCount()).toBe(0)
})

test('retryAll: every failed one, and none that was canceled or is still at it', async () => {
  const { uploader, transport, until } = bench({ concurrency: 4 })
  const [a, b, c, d] = uploader.add(['a', 'b', 'c', 'd'].map((name) => fileOf(name)))
  const sent = [
    await transport.next(),
    await transport.next(),
    await transport.next(),
    await transport.next(),
  ]
  sent[0]?.fail()
  sent[1]?.fail()
  uploader.cancel(c?.id)
  sent[3]?.respond()
  await until(a?.id ?? '', 'error')
  await until(b?.id ?? '', 'error')
  uploader.retryAll()
  const again = [await transport.next(), await transport.next()]
  expect(again.map(({ request: { body } }) => body?.kind === 'form' && body.fileName)).toEqual(['a', 'b'])
  for (const one of again) one.respond()
  await uploader.whenSettled([a?.id ?? '', b?.id ?? '', d?.id ?? ''])
  expect(uploader.getCounts()).toMatchObject({ success: 3, canceled: 1 })
  expect(transport.requests).toHaveLength(6)
})

test('a command without ids means all it fits', async () => {
  const { uploader, transport, until } = bench({ concurrency: 1, maxSize: 9 })
  const [a, b] = uploader.add([fileOf('a'), fileOf('b'), fileOf('c', 10)])
  ;(await transport.next()).respond()
  await until(a?.id ?? '', 'success')
  await transport.next()
  uploader.pause()
  expect(uploader.getCounts()).toMatchObject({ success: 1, paused: 1, rejected: 1 })
  uploader.resume()
  ;(await transport.next()).respond()
  await until(b?.id ?? '', 'success')
})

describe('setItemOptions', () => {
  test('changes what the backend is told, before the first grant, for several at once', async () => {
    const { uploader, transport, backend } = bench({ autoStart: false })
    const ids = uploader.add([fileOf('a'), fileOf('b')], { options: 1 }).map(({ id }) => id)
    expect(uploader.setItemOptions(ids, { album: 7 })).toBe(true)
    expect(uploader.getItems().map(({ options }) => options)).toEqual([{ album: 7 }, { album: 7 }])
    uploader.start()
    await transport.next()
    expect(backend.calls.flat().map(({ options }) => options)).toEqual([{ album: 7 }, { album: 7 }])
  })

  test('is too late for what was granted, and says so', async () => {
    const { uploader, transport } = bench({ concurrency: 1 }, { batchSize: 1 })
    const [a, b] = uploader.add([fileOf('a'), fileOf('b')])
    await transport.next()
    expect(uploader.setItemOptions([a?.id ?? '', b?.id ?? ''], 7)).toBe(false)
    expect(uploader.getItems().map(({ options }) => options)).toEqual([undefined, 7])
  })

  test('a file that was only signed ahead of its turn is asked for anew', async () => {
    const release = vi.fn()
    const { uploader, transport, backend, until } = bench(
      { concurrency: 1 },
      { release: async (ref) => void release(ref) },
    )
    const [, b] = uploader.add([fileOf('a'), fileOf('b')], { options: 'old' })
    const sent = await transport.next()
    expect(backend.calls.flat()).toHaveLength(2)
    expect(uploader.setItemOptions(b?.id ?? '', 'new')).toBe(true)
    sent.respond()
    ;(await transport.next()).respond()
    await until(b?.id ?? '', 'success')
    expect(backend.calls.flat().map(({ options }) => options)).toEqual(['old', 'old', 'new'])
    expect(release).toHaveBeenCalledOnce()
  })

  test('is too late also for what is paused or failed after its grant', async () => {
    const { uploader, transport, until } = bench()
    const [a, b] = uploader.add([fileOf('a'), fileOf('b')])
    ;(await transport.next()).fail()
    await transport.next()
    await until(a?.id ?? '', 'error')
    uploader.pause(b?.id)
    for (const item of [a, b]) expect(uploader.setItemOptions(item?.id ?? '', 7)).toBe(false)
    expect(uploader.getItems().map(({ options }) => options)).toEqual([undefined, undefined])
  })

  test('a grant that is on its way for the old options is given back, and asked for anew', async () => {
    const release = vi.fn()
    const answers: (() => void)[] = []
    const { uploader, transport, backend, until } = bench(
      {},
      {
        release: async (ref) => void release(ref),
        grant: ({ id, name }) =>
          new Promise((resolve) => {
            const ref = { key: `${id}/${answers.length}` }
            const urls = ['https://bucket.test/'] as const
            const fields = [['key', name]] as const
            answers.push(() =>
              resolve({ ok: true, ref, target: { type: 'post', urls, fields, expiresIn: 60 } }),
            )
          }),
      },
    )
    const { id } = first(uploader.add(fileOf('a'), { options: 'old' }))
    await quiet()
    uploader.pause(id)
    expect(uploader.setItemOptions(id, 'new')).toBe(true)
    uploader.resume(id)
    answers[0]?.()
    await quiet()
    expect(release).toHaveBeenCalledExactlyOnceWith({ key: `${id}/0` })
    answers[1]?.()
    ;(await transport.next()).respond()
    await until(id, 'success')
    expect(backend.calls.flat().map(({ options }) => options)).toEqual(['old', 'new'])
  })
})

test('what S3 has of a file that waits for its turn again is not lost to a new name or other options', async () => {
  const { uploader, transport, take, until, log, sent } = partBench({ concurrency: 1 })
  const [a, b] = uploader.add([patternFile('a', 30), patternFile('b', 10)])
  const id = a?.id ?? ''
  take(await transport.next())
  await transport.next()
  uploader.prioritize(b?.id ?? '', { preempt: true })
  expect(uploader.getItem(id)).toMatchObject({ status: 'queued', canResume: true })
  expect(uploader.rename(id, 'c')).toBe(false)
  expect(uploader.setItemOptions(id, 7)).toBe(false)
  serve(transport, take)
  await until(id, 'success')
  expect(log).not.toContain('abort u1')
  expect(sent().filter((number) => number === 1)).toHaveLength(2) // one of each file
})
