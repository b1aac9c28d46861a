/** An answer that was lost says nothing: whether the object arrived is asked before anything is sent again. */
import { beforeAll, describe, expect, test, vi } from 'vitest'

import type { StoredObject, UploadTarget } from '../../../src/core/index.ts'
import { UploadError } from '../../../src/core/index.ts'
import { grantOf } from '../../../src/testing/index.ts'
import type { ScriptedBackendOptions } from '../../../src/testing/index.ts'
import { bench, errorAnswer, fileOf, first, loadChunks, quiet } from '../../support/engine.ts'
import type { Bench } from '../../support/engine.ts'

beforeAll(loadChunks)

const kinds: readonly [string, ScriptedBackendOptions['grant']][] = [
  ['POST', grantOf],
  [
    'PUT',
    ({ id, name }) => {
      const request = { url: `https://bucket.test/${id}/${name}`, headers: [] }
      const target: UploadTarget = { type: 'put', request, expiresIn: 60 }
      return { ok: true, ref: { key: `${id}/${name}` }, target }
    },
  ],
]

describe.each(kinds)('%s', (method, grant = grantOf) => {
  type Probed = StoredObject | 'absent' | 'unknown'
  const start = (probe: () => Promise<Probed>, size = 100): Bench & { id: string } => {
    const it = bench({ retry: 5, retryDelay: 1 }, { grant, probe })
    return { ...it, id: first(it.uploader.add(fileOf('a', size))).id }
  }
  const found: StoredObject = { location: 'https://bucket.test/there', etag: '"e"' }

  test('lost after its last byte: asked, found, and not sent again', async () => {
    const probe = vi.fn(async () => found)
    const { transport, until, id } = start(probe)
    const sent = await transport.next()
    expect(sent.request.method).toBe(method)
    sent.progress(100)
    sent.fail()
    expect(await until(id, 'success')).toMatchObject({ stored: found })
    expect(probe).toHaveBeenCalledExactlyOnceWith({ key: `${id}/a` }, expect.anything())
    expect(transport.requests).toHaveLength(1)
  })

  test('lost without any news of bytes, as behind a service worker: asked too', async () => {
    const probe = vi.fn(async () => found)
    const { transport, until, id } = start(probe)
    ;(await transport.next()).fail()
    await until(id, 'success')
    expect(probe).toHaveBeenCalledTimes(1)
    expect(transport.requests).toHaveLength(1)
  })

  test('of an empty file: asked too', async () => {
    const probe = vi.fn(async () => found)
    const { transport, until, id } = start(probe, 0)
    ;(await transport.next()).fail()
    await until(id, 'success')
    expect(probe).toHaveBeenCalledTimes(1)
  })

  test.each(['absent', 'unknown'] as const)(
    '%s: sent again, with the target that is held',
    async (answer) => {
      const probe = vi.fn(async () => answer)
      const { transport, until, id, backend } = start(probe)
      const one = await transport.next()
      one.progress(100)
      one.fail()
      const two = await transport.next()
      expect(two.request).toEqual(one.request)
      two.respond({ status: 200 })
      await until(id, 'success')
      expect(probe).toHaveBeenCalledTimes(1)
      expect(backend.calls).toHaveLength(1)
    },
  )

  test('a body that broke off on its way is not asked about: it cannot be there', async () => {
    const probe = vi.fn(async () => found)
    const { transport, until, id } = start(probe)
    const one = await transport.next()
    one.progress(60)
    one.fail()
    ;(await transport.next()).respond({ status: 200 })
    await until(id, 'success')
    expect(probe).not.toHaveBeenCalled()
    expect(transport.requests).toHaveLength(2)
  })

  test('an answer is an answer: 500 is not asked about', async () => {
    const probe = vi.fn(async () => found)
    const { transport, until, id } = start(probe)
    const one = await transport.next()
    one.progress(100)
    one.respond(errorAnswer(500, 'InternalError'))
    ;(await transport.next()).respond({ status: 200 })
    await until(id, 'success')
    expect(probe).not.toHaveBeenCalled()
  })

  test('each lost answer is asked about', async () => {
    const probe = vi.fn<() => Promise<Probed>>().mockResolvedValueOnce('absent').mockResolvedValueOnce(found)
    const { transport, until, id } = start(probe)
    for (let round = 0; round < 2; round++) {
      const sent = await transport.next()
      sent.progress(100)
      sent.fail()
    }
    expect(await until(id, 'success')).toMatchObject({ stored: found })
    expect(transport.requests).toHaveLength(2)
  })

  test('a question that fails is asked again before anything is sent', async () => {
    let calls = 0
    const probe = async (): Promise<Probed> => {
      if (++calls < 3) throw new UploadError('signer-unreachable', 'later', 'down')
      return found
    }
    const { transport, until, id } = start(probe)
    const one = await transport.next()
    one.progress(100)
    one.fail()
    expect(await until(id, 'success')).toMatchObject({ stored: found })
    expect(calls).toBe(3)
    expect(transport.requests).toHaveLength(1)
  })

  test('a pause after the last byte leaves the same doubt: resume asks first', async () => {
    const probe = vi.fn(async () => found)
    const { transport, until, id, uploader } = start(probe)
    const one = await transport.next()
    one.progress(100)
    uploader.pause(id)
    expect(one.aborted).toBe(true)
    await quiet()
    expect(probe).not.toHaveBeenCalled()
    uploader.resume(id)
    expect(await until(id, 'success')).toMatchObject({ stored: found })
    expect(transport.requests).toHaveLength(1)
  })

  test('so does a click on retry after the last try', async () => {
    const probe = vi.fn(async () => found)
    const it = bench({ retry: false }, { grant, probe })
    const { id } = first(it.uploader.add(fileOf('a', 10)))
    const one = await it.transport.next()
    one.progress(10)
    one.fail()
    await it.until(id, 'error')
    it.uploader.retry(id)
    expect(await it.until(id, 'success')).toMatchObject({ stored: found })
    expect(it.transport.requests).toHaveLength(1)
  })

  test('a backend that cannot look: sent again to the same key', async () => {
    const it = bench({ retry: 5, retryDelay: 1 }, { grant })
    const { id } = first(it.uploader.add(fileOf('a')))
    const one = await it.transport.next()
    one.progress(4)
    one.fail()
    const two = await it.transport.next()
    expect(two.request).toEqual(one.request)
    two.respond({ status: 200 })
    await it.until(id, 'success')
    expect(it.backend.calls).toHaveLength(1)
  })

  test('what was found is confirmed like what was answered', async () => {
    const confirm = vi.fn((_ref: unknown, stored: StoredObject) => stored.etag)
    const it = bench({ retry: 5, retryDelay: 1 }, { grant, confirm, probe: async () => found })
    const { id } = first(it.uploader.add(fileOf('a')))
    ;(await it.transport.next()).fail()
    expect(await it.until(id, 'success')).toMatchObject({ result: '"e"' })
    expect(confirm).toHaveBeenCalledTimes(1)
  })
})

test('asking is no upload: the item is preparing, and a cancel ends it', async () => {
  let hear: (() => void) | undefined
  const { uploader, transport, until } = bench(
    { retry: 5, retryDelay: 1 },
    { probe: () => new Promise((resolve) => (hear = () => resolve('absent'))) },
  )
  const { id } = first(uploader.add(fileOf('a')))
  ;(await transport.next()).fail()
  await vi.waitFor(() => expect(hear).toBeDefined())
  expect(uploader.getItem(id)?.status).toBe('preparing')
  uploader.cancel(id)
  hear?.()
  await until(id, 'canceled')
  await quiet()
  expect(transport.requests).toHaveLength(1)
})

describe('a target that was renewed meanwhile', () => {
  const found: StoredObject = { location: 'https://bucket.test/there' }

  test('knows of a try that may have arrived: "exists already" is asked about', async () => {
    const probe = vi.fn(async () => found)
    const { uploader, transport, until, clock, backend } = bench({ retry: 5, retryDelay: 1 }, { probe })
    const { id } = first(uploader.add(fileOf('a', 100)))
    const one = await transport.next()
    one.progress(50)
    clock.now += 31_000
    one.fail()
    ;(await transport.next()).respond(errorAnswer(412, 'PreconditionFailed'))
    expect(await until(id, 'success')).toMatchObject({ stored: found })
    expect(backend.calls).toMatchObject([[{ reason: 'first' }], [{ reason: 'renew' }]])
  })

  test('also where it was renewed ahead of its turn: asked before it is sent again', async () => {
    const probe = vi.fn(async () => found)
    const { uploader, transport, until, clock, backend } = bench(
      { retry: 5, retryDelay: 1, concurrency: 1 },
      { probe },
    )
    const [a, b, c] = uploader.add(['a', 'b', 'c'].map((name) => fileOf(name, 100)))
    for (const item of [a, b]) {
      const sent = await transport.next()
      sent.progress(100)
      uploader.pause(c?.id)
      sent.fail()
      await until(item?.id ?? '', 'waiting')
      uploader.pause(item?.id)
    }
    clock.now += 31_000
    uploader.resume()
    await uploader.whenSettled([a?.id ?? '', b?.id ?? ''])
    expect(uploader.getItem(b?.id ?? '')).toMatchObject({ status: 'success', stored: found })
    expect(probe).toHaveBeenCalledTimes(2)
    expect(backend.calls.flat().filter(({ reason }) => reason === 'renew')).not.toHaveLength(0)
  })

  test('keeps the record that the app’s server made at first', async () => {
    const { uploader, transport, until, clock } = bench(
      { retry: 5, retryDelay: 1 },
      { grant: (file) => ({ ...grantOf(file), ...(file.reason === 'first' && { record: { row: 7 } }) }) },
    )
    const { id } = first(uploader.add(fileOf('a')))
    const sent = await transport.next()
    clock.now += 31_000
    sent.fail()
    ;(await transport.next()).respond()
    expect(await until(id, 'success')).toMatchObject({ record: { row: 7 } })
  })
})
