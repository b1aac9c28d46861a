/** A file goes next, or now. */
import { beforeAll, describe, expect, test } from 'vitest'

import type { UploadItem } from '../../../src/core/index.ts'
import type { ScriptedExchange } from '../../../src/testing/index.ts'
import { bench, eventually, fileOf, loadChunks, patternFile, quiet } from '../../support/engine.ts'
import type { Bench } from '../../support/engine.ts'
import { partBench } from './part-store.ts'

beforeAll(loadChunks)

const letters = ['a', 'b', 'c', 'd', 'e'] as const
const nameOf = ({ request: { body } }: ScriptedExchange): string =>
  body?.kind === 'form' ? body.fileName : ''
const add = ({ uploader }: Bench): Record<(typeof letters)[number], UploadItem> => {
  const [a, b, c, d, e] = uploader.add(letters.map((name) => fileOf(name, 100)))
  if (!a || !b || !c || !d || !e) throw new Error('expected five')
  return { a, b, c, d, e }
}
/** Names in the order in which they are sent, one after the other. */
const order = async ({ transport }: Bench, count: number): Promise<string> => {
  let names = ''
  for (let at = 0; at < count; at++) {
    const sent = await transport.next()
    names += nameOf(sent)
    sent.respond()
  }
  return names
}

describe('next', () => {
  test('a queued file goes before the others that wait, and nothing that runs is stopped', async () => {
    const it = bench({ concurrency: 1 })
    const { d } = add(it)
    const a = await it.transport.next()
    it.uploader.prioritize(d.id)
    expect(a.aborted).toBe(false)
    a.respond()
    expect(await order(it, 4)).toBe('dbce')
  })

  test('several go in the order in which they are named', async () => {
    const it = bench({ concurrency: 1 })
    const { c, e, d } = add(it)
    it.uploader.prioritize([e.id, c.id])
    it.uploader.prioritize(d.id)
    expect(await order(it, 5)).toBe('adecb')
  })

  test('what runs, is paused or is over is passed over', async () => {
    const it = bench({ concurrency: 1 })
    const { a, b, c } = add(it)
    it.uploader.pause(b.id)
    it.uploader.cancel(c.id)
    it.uploader.prioritize([a.id, b.id, c.id, 'nobody'])
    expect(await order(it, 3)).toBe('ade')
    expect(it.uploader.getCounts()).toMatchObject({ paused: 1, canceled: 1 })
  })

  test('what is not started yet starts with it', async () => {
    const it = bench({ concurrency: 1, autoStart: false })
    const { c } = add(it)
    it.uploader.prioritize(c.id)
    expect(await order(it, 1)).toBe('c')
    await quiet()
    expect(it.uploader.getCounts()).toMatchObject({ queued: 4, success: 1 })
  })
})

describe('preempt', () => {
  test('it goes now: the one that began last gives up its place, and goes on right behind', async () => {
    const it = bench({ concurrency: 2 })
    const { b, d } = add(it)
    const [one, two] = [await it.transport.next(), await it.transport.next()]
    it.uploader.prioritize(d.id, { preempt: true })
    expect([one.aborted, two.aborted]).toEqual([false, true])
    expect(it.uploader.getItem(b.id)?.status).toBe('queued')
    const three = await it.transport.next()
    expect(nameOf(three)).toBe('d')
    three.respond()
    expect(await order(it, 1)).toBe('b')
    one.respond()
    expect(await order(it, 2)).toBe('ce')
    expect((await it.uploader.whenSettled()).succeeded).toHaveLength(5)
  })

  test('as many give way as are needed, and none while a place is free', async () => {
    const it = bench({ concurrency: 6 })
    const { e } = add(it)
    it.uploader.cancel(e.id)
    const sent = [
      await it.transport.next(),
      await it.transport.next(),
      await it.transport.next(),
      await it.transport.next(),
    ]
    it.uploader.retry(e.id)
    it.uploader.prioritize(e.id, { preempt: true })
    expect(nameOf(await it.transport.next())).toBe('e')
    expect(sent.map(({ aborted }) => aborted)).toEqual([false, false, false, false])
  })

  test('several: the latest give way, those that are named never do', async () => {
    const it = bench({ concurrency: 3 })
    const { c, d, e } = add(it)
    const sent = [await it.transport.next(), await it.transport.next(), await it.transport.next()]
    it.uploader.prioritize([c.id, e.id, d.id], { preempt: true })
    const stopped = sent.filter(({ aborted }) => aborted)
    expect(stopped.map(nameOf).toSorted()).toEqual(['a', 'b'])
    expect([nameOf(await it.transport.next()), nameOf(await it.transport.next())]).toEqual(['e', 'd'])
  })

  test('an upload in parts goes on from what S3 has', async () => {
    const it = partBench({ concurrency: 1 })
    const [a, b] = it.uploader.add([patternFile('a', 30), patternFile('b', 10)])
    it.take(await it.transport.next())
    await it.transport.next()
    it.uploader.prioritize(b?.id ?? '', { preempt: true })
    expect(it.uploader.getProgress(a?.id ?? '').loaded).toBe(10)
    const first = await it.transport.next()
    expect(first.request.url).toContain('/u2/1')
    it.take(first)
    it.take(await it.transport.next())
    it.take(await it.transport.next())
    await it.until(a?.id ?? '', 'success')
    expect(it.sent()).toEqual([1, 2, 1, 2, 3])
    expect(it.log.filter((what) => what.startsWith('abort'))).toEqual([])
  })

  test('a file whose target is still being asked for gives way too, and is asked for once', async () => {
    let answer: (() => void) | undefined
    const it = bench(
      { concurrency: 1 },
      {
        batchSize: 1,
        grant: async ({ id, name }) => {
          if (name === 'a') await new Promise<void>((resolve) => (answer = resolve))
          const urls = ['https://bucket.test/'] as const
          return {
            ok: true,
            ref: { key: id },
            target: { type: 'post', urls, fields: [['key', id]], expiresIn: 60 },
          }
        },
      },
    )
    const { b } = add(it)
    await eventually(() => answer !== undefined)
    it.uploader.prioritize(b.id, { preempt: true })
    const one = await it.transport.next()
    expect(nameOf(one)).toBe('b')
    answer?.()
    one.respond()
    expect(await order(it, 1)).toBe('a')
    expect(it.backend.calls.flat().filter(({ name }) => name === 'a')).toHaveLength(1)
  })
})
