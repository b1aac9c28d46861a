/** Signing ahead of need: few calls, nothing old, and nothing where asking leaves a trace. */
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'

import type { UploadBackend, UploaderOptions } from '../../../src/core/index.ts'
import { UploadError } from '../../../src/core/index.ts'
import { grantOf, scriptedBackend } from '../../../src/testing/index.ts'
import type { ScriptedBackendOptions, ScriptedExchange } from '../../../src/testing/index.ts'
import { bench, errorAnswer, fileOf, first, loadChunks, quiet, serve } from '../../support/engine.ts'
import type { Bench } from '../../support/engine.ts'

beforeAll(loadChunks)

const files = (count: number, size = 4): File[] =>
  Array.from({ length: count }, (_, at) => fileOf(String(at), size))
const asked = ({ backend }: Bench): string[] => backend.calls.flat().map(({ name }) => name)
const nameOf = ({ request: { body } }: ScriptedExchange): string =>
  body?.kind === 'form' ? body.fileName : ''

test('1,000 files: tens of calls, each file asked for once', async () => {
  const it = bench()
  it.uploader.add(files(1000))
  serve(it.transport, (sent) => sent.respond())
  await it.uploader.whenSettled()
  expect(it.uploader.getCounts()).toMatchObject({ success: 1000 })
  expect(it.backend.calls.length).toBeLessThan(40)
  expect(new Set(asked(it)).size).toBe(1000)
  expect(asked(it)).toHaveLength(1000)
})

test('the files whose turn it is are asked for before those that are signed ahead', async () => {
  const it = bench({ concurrency: 6 })
  it.uploader.add(files(1000))
  await quiet()
  const names = it.backend.calls[0]?.map(({ name }) => name)
  expect(names?.filter((name) => Number(name) < 6)).toHaveLength(6)
})

test('the answer is there before it is needed: once it runs, no file waits for the signer', async () => {
  const it = bench({ concurrency: 2 })
  it.uploader.add(files(300))
  const statuses: (string | undefined)[] = []
  serve(it.transport, async (sent) => {
    await quiet(1)
    const next = it.backend.calls.flat().length
    statuses.push(next > it.transport.requests.length ? 'ahead' : 'waits')
    sent.respond()
  })
  await it.uploader.whenSettled()
  expect(statuses.slice(0, 250)).not.toContain('waits')
})

describe('nothing is asked for ahead', () => {
  const rows: readonly [string, Partial<UploaderOptions>, ScriptedBackendOptions][] = [
    ['one by one', {}, { batchSize: 1 }],
    ['where asking leaves a trace', {}, { signsAhead: () => false }],
    ['while the app may still change or veto the file', { beforeUpload: () => undefined }, {}],
    ['while its digest is not known', { checksum: 'crc32' }, {}],
  ]
  test.each(rows)('%s', async (_why, options, script) => {
    const it = bench({ concurrency: 2, ...options }, script)
    it.uploader.add(files(20))
    const sent = [await it.transport.next(), await it.transport.next()]
    await quiet()
    expect(asked(it)).toEqual(['0', '1'])
    sent[0]?.respond()
    await it.transport.next()
    expect(asked(it)).toEqual(['0', '1', '2'])
  })

  test('only of those that leave a trace: the others are', async () => {
    const it = bench({ concurrency: 1 }, { signsAhead: ({ size }) => size < 10 })
    it.uploader.add([fileOf('0'), fileOf('1', 100), fileOf('2')])
    await it.transport.next()
    await quiet()
    expect(asked(it).toSorted()).toEqual(['0', '2'])
  })
})

describe('no target is old when it is used', () => {
  /** When each file was granted last, by name; and how old the grants were when they were sent. */
  function ages(life: number, options: Partial<UploaderOptions> = {}): Bench & { sent: number[] } {
    const granted = new Map<string, number>()
    const it: Bench = bench(options, {
      grant(file) {
        granted.set(file.name, it.clock.now)
        return grantOf(file, life)
      },
    })
    const sent: number[] = []
    const { next } = it.transport
    it.transport.next = async (match) => {
      const exchange = await next(match)
      sent.push(it.clock.now - (granted.get(nameOf(exchange)) ?? 0))
      return exchange
    }
    return { ...it, sent }
  }

  test('what was signed ahead and is past half of its life is asked for again, for the same object', async () => {
    const it = ages(60, { concurrency: 1 })
    it.uploader.add(files(30))
    for (let turn = 0; turn < 30; turn++) {
      const sent = await it.transport.next()
      it.clock.now += 7000
      sent.respond()
    }
    await it.uploader.whenSettled()
    expect(it.uploader.getCounts()).toMatchObject({ success: 30 })
    expect(Math.max(...it.sent)).toBeLessThanOrEqual(30_000)
    const renewed = it.backend.calls.flat().filter(({ reason }) => reason === 'renew')
    expect(renewed.length).toBeGreaterThan(0)
    for (const { previous, id, name } of renewed) expect(previous).toEqual({ key: `${id}/${name}` })
  })

  test('one that ran out while it stood in line for the storage is asked for again', async () => {
    const it = ages(60, { concurrency: 2, retry: false })
    it.uploader.add(files(3))
    const [one, two] = [await it.transport.next(), await it.transport.next()]
    one?.respond(errorAnswer(503, 'SlowDown')) // one place is left, and file 1 has it
    await quiet()
    it.clock.now += 59_000
    two?.respond()
    await it.transport.next()
    expect(it.sent.at(-1)).toBeLessThanOrEqual(30_000)
  })

  test('and has its turn before those that came after it', async () => {
    const it = ages(60, { concurrency: 5, retry: false })
    it.uploader.add(files(12))
    const begun: ScriptedExchange[] = []
    for (let turn = 0; turn < 5; turn++) begun.push(await it.transport.next())
    begun[0]?.respond(errorAnswer(503, 'SlowDown')) // two places are left; 5 stands in line for one
    await quiet()
    it.clock.now += 59_000
    // 6, 7 and 8, signed just now, stand behind it. It comes to its turn, and is old.
    for (const sent of begun.slice(2)) {
      sent.respond()
      await quiet()
    }
    const order: string[] = []
    for (let turn = 0; turn < 3; turn++) {
      const sent = await it.transport.next()
      order.push(nameOf(sent))
      sent.respond()
      await quiet()
    }
    expect(order).toEqual(['6', '5', '7'])
  })
})

test('targets that are born old are sent once, not asked for in a circle', async () => {
  let time = 1_700_000_000_000
  const it = bench(
    { now: () => time++ },
    {
      async grant(file) {
        await quiet(1) // an answer at once would leave the circle no turn to be seen in
        return grantOf(file, 0)
      },
    },
  )
  it.uploader.add(fileOf('a'))
  serve(it.transport, (sent) => sent.respond())
  await quiet(50)
  expect(it.uploader.getCounts()).toMatchObject({ success: 1 })
  expect(asked(it).length).toBeLessThan(5)
})

test('a refusal that was heard ahead is the file’s when its turn comes, without asking again', async () => {
  const refusal = new UploadError('file-invalid-type', 'never', 'no')
  const it = bench(
    { concurrency: 1 },
    { grant: (file) => (file.name === '1' ? { ok: false, error: refusal } : grantOf(file)) },
  )
  const [, bad] = it.uploader.add(files(3))
  const one = await it.transport.next()
  await quiet()
  // Heard, and not told before its turn.
  expect(asked(it)).toHaveLength(3)
  expect(it.uploader.getItem(bad?.id ?? '')?.status).toBe('queued')
  one.respond()
  expect(await it.until(bad?.id ?? '', 'error')).toMatchObject({ step: 'prepare', error: refusal })
  ;(await it.transport.next()).respond()
  await it.uploader.whenSettled()
  expect(asked(it)).toHaveLength(3)
  // A click asks anew.
  it.uploader.retry(bad?.id)
  await quiet()
  expect(asked(it)).toHaveLength(4)
})

test('a call ahead that failed costs nothing: the file is asked for again when its turn comes', async () => {
  let calls = 0
  const backend: UploadBackend = {
    ...scriptedBackend(),
    async createUploads(list) {
      if (calls++ > 0 && calls < 4) throw new UploadError('signer-failed', 'later', 'down')
      return list.map((file) => grantOf(file))
    },
  }
  const it = bench({ backend, concurrency: 1, retry: 5, retryDelay: 1 })
  it.uploader.add(files(120))
  serve(it.transport, (sent) => sent.respond())
  await it.uploader.whenSettled()
  expect(it.uploader.getCounts()).toMatchObject({ success: 120 })
})

describe('how far', () => {
  test('as far as the signer is slow', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const pass = (time: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, time))
    /** Files that have been asked for and not begun, with a signer that takes so many milliseconds. */
    const reach = async (latency: number): Promise<number> => {
      let count = 0
      const backend: UploadBackend = {
        ...scriptedBackend(),
        async createUploads(list) {
          count += list.length
          await pass(latency)
          return list.map((file) => grantOf(file))
        },
      }
      const { uploader, transport } = bench({ backend, concurrency: 2, now: Date.now })
      uploader.add(files(2000))
      serve(transport, async (sent) => {
        await pass(10)
        sent.respond()
      })
      await vi.advanceTimersByTimeAsync(latency + 3000)
      return count - transport.requests.length
    }
    expect(await reach(1000)).toBeGreaterThan(2 * (await reach(20)))
  })

  test('no further than half a minute of work: large files are not signed long before they go', async () => {
    const huge = (name: string): File =>
      Object.defineProperty(fileOf(name), 'size', { value: 100 * 1024 ** 2 })
    const it = bench({ concurrency: 1 })
    it.uploader.add(['0', '1', '2', '3', '4', '5', '6', '7'].map((name) => huge(name)))
    await it.transport.next()
    await quiet()
    expect(asked(it).length).toBeLessThanOrEqual(3)
  })
})

test('a file that is taken off the list was asked for in vain: what was granted is given back', async () => {
  const release = vi.fn()
  const it = bench({ concurrency: 1 }, { release: async (ref) => void release(ref) })
  const [, two] = it.uploader.add(files(2))
  const one = await it.transport.next()
  await quiet()
  it.uploader.remove(two?.id)
  one.respond()
  await quiet()
  expect(release).toHaveBeenCalledExactlyOnceWith({ key: `${two?.id}/1` })
  expect(first(it.uploader.getItems()).status).toBe('success')
})
