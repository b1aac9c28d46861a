/** Requests at a time: one budget per storage origin, one for the signer, smaller while there is trouble. */
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'

import type { UploadBackend } from '../../../src/core/index.ts'
import { grantOf, scriptedBackend } from '../../../src/testing/index.ts'
import type { ScriptedExchange, ScriptedTransport } from '../../../src/testing/index.ts'
import {
  bench,
  errorAnswer,
  fileOf,
  first,
  loadChunks,
  patternFile,
  quiet,
  serve,
} from '../../support/engine.ts'
import { partBench } from './part-store.ts'

beforeAll(loadChunks)
afterEach(() => void vi.useRealTimers())

const files = (count: number): File[] => Array.from({ length: count }, (_, at) => fileOf(String(at), 100))
const openTo = (transport: ScriptedTransport, origin: string): number =>
  transport.open().filter(({ request }) => request.url.startsWith(origin)).length
const taken = async (transport: ScriptedTransport, count: number): Promise<ScriptedExchange[]> => {
  const list: ScriptedExchange[] = []
  while (list.length < count) list.push(await transport.next())
  return list
}

test('files and parts share one budget per storage', async () => {
  const { uploader, transport, take } = partBench(
    { concurrency: 4 },
    {
      script: {
        grant: (file) =>
          file.size > 100
            ? {
                ok: true,
                ref: { key: file.id, uploadId: 'u1' },
                target: { type: 'multipart', partSize: 10, stored: [] },
              }
            : grantOf(file),
      },
    },
    { uploads: new Map([['u1', new Map()]]), objects: new Map(), begun: 1 },
  )
  uploader.add([patternFile('0 in parts', 200), ...files(8)])
  let most = 0
  serve(transport, async (sent) => {
    await quiet(2)
    most = Math.max(most, transport.open().length)
    if (sent.request.method === 'PUT') take(sent)
    else sent.respond()
  })
  await uploader.whenSettled()
  expect(uploader.getCounts()).toMatchObject({ success: 9 })
  expect(most).toBe(4)
})

test('calls of the backend to the store share its budget; what ends an upload comes before all that wait', async () => {
  const { uploader, transport, take } = partBench(
    { concurrency: 3 },
    {
      multipart: ({ complete }) => ({
        async complete(ref, parts, call) {
          await call.send({ method: 'POST', url: 'https://bucket.test/completion' })
          return complete(ref, parts, call)
        },
      }),
    },
  )
  // First the part of a: the three files get their grants in any order.
  uploader.add([patternFile('a', 10)])
  const [one] = await taken(transport, 1)
  uploader.add([patternFile('b', 100), patternFile('c', 100)])
  const [two] = await taken(transport, 2)
  await quiet() // parts of b and c stand in line
  if (one) take(one)
  await transport.next() // who was first in the line
  await quiet()
  expect(transport.open()).toHaveLength(3)
  if (two) take(two)
  expect((await transport.next()).request.url).toBe('https://bucket.test/completion')
  await quiet()
  expect(transport.open()).toHaveLength(3)
})

test('two calls to the signer at a time, whatever the storage is doing', async () => {
  const backend: UploadBackend = {
    ...scriptedBackend({ batchSize: 1 }),
    async createUploads(asked, call) {
      await call.send({ method: 'POST', url: '/sign' })
      return asked.map((file) => grantOf(file))
    },
  }
  const { uploader, transport } = bench({ backend, concurrency: 6 })
  uploader.add(files(6))
  const signing = await taken(transport, 2)
  await quiet()
  expect(openTo(transport, '/sign')).toBe(2)
  for (const call of signing) call.respond()
  await quiet()
  expect(openTo(transport, '/sign')).toBe(2)
  expect(openTo(transport, 'https://bucket.test')).toBe(2)
})

describe('a storage in trouble', () => {
  const slowDown = errorAnswer(503, 'SlowDown')

  test('gets half as much after a 503, and one more after twice as many answers as it has places', async () => {
    const { uploader, transport } = bench({ concurrency: 4, retry: false })
    uploader.add(files(40))
    const [one, ...others] = await taken(transport, 4)
    one?.respond(slowDown)
    await quiet()
    expect(transport.open()).toHaveLength(3) // nothing new comes in
    const seen: number[] = []
    others.forEach((sent) => sent.respond())
    for (let answered = 3; answered < 14; answered++) {
      const sent = await transport.next()
      await quiet()
      seen.push(transport.open().length)
      sent.respond()
    }
    expect(seen).toEqual([2, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4])
  })

  test.each([slowDown, { status: 429 }])('failures that come together count once: %j', async (answer) => {
    const { uploader, transport } = bench({ concurrency: 4, retry: false })
    uploader.add(files(40))
    for (const sent of await taken(transport, 4)) sent.respond(answer)
    await quiet()
    expect(transport.open()).toHaveLength(2)
  })

  test('options that are given once more, as with each render, bring nothing back', async () => {
    const { uploader, transport } = bench({ concurrency: 4, retry: false })
    uploader.add(files(40))
    for (const sent of await taken(transport, 4)) sent.respond(slowDown)
    await quiet()
    uploader.setOptions({ concurrency: 4 })
    await quiet()
    expect(transport.open()).toHaveLength(2)
  })

  test('a later one counts again; one place is always left', async () => {
    const { uploader, transport, clock } = bench({ concurrency: 4, retry: false })
    uploader.add(files(40))
    for (let trouble = 0; trouble < 4; trouble++) {
      ;(await transport.next()).respond(slowDown)
      await quiet()
      clock.now += 1001
    }
    for (const sent of transport.open()) sent.respond()
    await quiet()
    expect(transport.open()).toHaveLength(1)
  })

  test('the same after a time-out', async () => {
    vi.useFakeTimers()
    const { uploader, transport } = bench({ concurrency: 4, retry: false, stallTimeout: 5000 })
    uploader.add(files(40))
    const [one, ...others] = await taken(transport, 4)
    one?.progress(1)
    await vi.advanceTimersByTimeAsync(5000)
    expect(one?.aborted).toBe(true)
    for (const sent of others) sent.respond()
    await quiet()
    expect(transport.open()).toHaveLength(2)
  })

  test('a refusal is no trouble', async () => {
    const { uploader, transport } = bench({ concurrency: 4, retry: false })
    uploader.add(files(40))
    ;(await transport.next()).respond(errorAnswer(403, 'AccessDenied'))
    await quiet()
    expect(transport.open()).toHaveLength(4)
  })
})

describe('a bucket under several host names', () => {
  const hosts = ['https://a.test/', 'https://b.test/'] as const
  const spread = { grant: (file: Parameters<typeof grantOf>[0]) => onHosts(file) }
  function onHosts(file: Parameters<typeof grantOf>[0]): ReturnType<typeof grantOf> {
    const grant = grantOf(file)
    return grant.target.type === 'post' ? { ...grant, target: { ...grant.target, urls: hosts } } : grant
  }

  test('each has a budget of its own, and there are as many slots as places', async () => {
    const { uploader, transport } = bench({ concurrency: 3 }, spread)
    uploader.add(files(20))
    await taken(transport, 6)
    await quiet()
    expect(hosts.map((host) => openTo(transport, host))).toEqual([3, 3])
  })

  test('one in trouble does not slow the other down, which gets what it cannot take', async () => {
    const { uploader, transport } = bench({ concurrency: 4, retry: false }, spread)
    uploader.add(files(60))
    for (const sent of await taken(transport, 8))
      if (sent.request.url.startsWith(hosts[0])) sent.respond(errorAnswer(503, 'SlowDown'))
    await quiet()
    expect(hosts.map((host) => openTo(transport, host))).toEqual([2, 4])
  })

  test('the form is the same on each: what was signed does not name the host', async () => {
    const { uploader, transport, until } = bench({ concurrency: 1 }, spread)
    const items = uploader.add(files(2))
    const sent = await taken(transport, 2)
    expect(sent.map(({ request }) => request.url).toSorted()).toEqual([...hosts])
    for (const { request, respond } of sent) {
      if (request.body?.kind !== 'form') throw new Error('expected a form')
      const { fileName, fields } = request.body
      const { id } = items.find(({ name }) => name === fileName) ?? { id: '' }
      const key = `${id}/${fileName}`
      expect(fields).toEqual([['key', key]])
      respond()
      expect(await until(id, 'success')).toMatchObject({ stored: { location: `${request.url}${key}` } })
    }
  })
})

test('a new `concurrency` holds at once, upwards and downwards', async () => {
  const { uploader, transport } = bench({ concurrency: 2 })
  uploader.add(files(20))
  await taken(transport, 2)
  uploader.setOptions({ concurrency: 5 })
  await taken(transport, 3)
  expect(transport.open()).toHaveLength(5)
  uploader.setOptions({ concurrency: 1 })
  for (const sent of transport.open()) sent.respond()
  await quiet()
  expect(transport.open()).toHaveLength(1)
})

test('a file that is canceled while it stands in line takes no place with it', async () => {
  const { uploader, transport } = bench({ concurrency: 2, retry: false })
  const items = uploader.add(files(5))
  const [one, two] = await taken(transport, 2)
  one?.respond(errorAnswer(503, 'SlowDown')) // one place is left
  await quiet()
  uploader.cancel(items[2]?.id) // it has a slot, and waits for that place
  await quiet()
  two?.respond()
  const next = await transport.next()
  expect(next.request.body).toMatchObject({ fileName: '3' })
  next.respond()
  expect((await transport.next()).request.body).toMatchObject({ fileName: '4' })
})

test('a canceled file gives back its place in the line', async () => {
  const { uploader, transport, until } = bench({ concurrency: 1 })
  const [a, b, c] = uploader.add(files(3))
  const sent = await transport.next()
  uploader.cancel(b?.id)
  uploader.cancel(a?.id)
  expect(sent.aborted).toBe(true)
  const last = await transport.next()
  expect(last.request.body).toMatchObject({ fileName: '2' })
  last.respond()
  await until(c?.id ?? '', 'success')
  expect(first(transport.requests)).toBe(sent.request)
  expect(transport.requests).toHaveLength(2)
})
