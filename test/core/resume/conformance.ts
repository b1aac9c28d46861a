/** What every resume store must do: call it with a way to make one. */
import { describe, expect, test } from 'vitest'

import type { ResumeStore } from '../../../src/core/resume/types.ts'
import { recordOf } from './records.ts'

/** One user's storage, looked at from several pages. */
export interface StorageBench {
  /** A page over the same storage; pages live at the same time. */
  openPage: () => ResumeStore
  /** Sets the clock of all pages, in milliseconds since 1970. At the start it is 2,000. */
  setTime: (now: number) => void
}

const day = 24 * 60 * 60 * 1000
const live = (): AbortSignal => new AbortController().signal

/**
 * @param makeBench empty storage whose records are too old after seven days
 */
export function resumeStoreConformance(name: string, makeBench: () => Promise<StorageBench>): void {
  describe(`${name}: records`, () => {
    test('what is saved comes back whole, in another page too, until it is deleted', async () => {
      const { openPage } = await makeBench()
      const [one, other] = [openPage(), openPage()]
      await one.save(recordOf('a'))
      expect(await one.load('kit')).toEqual([recordOf('a')])
      expect(await other.load('kit')).toEqual([recordOf('a')])
      await other.delete('a')
      expect(await one.load('kit')).toEqual([])
    })

    test('a second save replaces the first', async () => {
      const store = (await makeBench()).openPage()
      await store.save(recordOf('a'))
      await store.save(recordOf('a', { state: 'abandoned', parts: [] }))
      expect(await store.load('kit')).toEqual([recordOf('a', { state: 'abandoned', parts: [] })])
    })

    test('later changes to what was saved or loaded do not show', async () => {
      const store = (await makeBench()).openPage()
      const first = { number: 1, size: 5_242_880 }
      const parts = [first]
      await store.save(recordOf('a', { parts }))
      parts.push({ number: 2, size: 5_242_880 })
      const [loaded] = await store.load('kit')
      expect(loaded?.parts).toEqual([first])
      Object.assign(loaded ?? {}, { name: 'changed' })
      expect(await store.load('kit')).toEqual([recordOf('a', { parts: [first] })])
    })

    test('each backend has its own, oldest first', async () => {
      const store = (await makeBench()).openPage()
      await store.save(recordOf('a', { createdAt: 30 }))
      await store.save(recordOf('b', { createdAt: 10 }))
      await store.save(recordOf('c', { createdAt: 20, backend: 'other' }))
      expect((await store.load('kit')).map(({ id }) => id)).toEqual(['b', 'a'])
      expect((await store.load('other')).map(({ id }) => id)).toEqual(['c'])
      expect(await store.load('nobody')).toEqual([])
    })

    test('deleting what is not there is fine', async () => {
      const store = (await makeBench()).openPage()
      await expect(store.delete('nothing')).resolves.toBeUndefined()
    })
  })

  describe(`${name}: age`, () => {
    test('after its time an upload is only good for being aborted; after twice that it is forgotten', async () => {
      const { openPage, setTime } = await makeBench()
      const store = openPage()
      await store.save(recordOf('a', { updatedAt: 2_000 }))
      setTime(2_000 + 7 * day)
      expect(await store.load('kit')).toMatchObject([{ id: 'a', state: 'open' }])
      setTime(2_000 + 7 * day + 1)
      expect(await store.load('kit')).toMatchObject([{ id: 'a', state: 'abandoned' }])
      setTime(2_000 + 14 * day + 1)
      expect(await store.load('kit')).toEqual([])
      setTime(2_000)
      expect(await store.load('kit')).toEqual([])
    })
  })

  describe(`${name}: locks`, () => {
    test('one at a time, in any page; other records are free', async () => {
      const { openPage } = await makeBench()
      const [one, other] = [openPage(), openPage()]
      const release = await one.lock('a', live())
      expect(release).toBeTypeOf('function')
      expect(await one.lock('a', live())).toBeUndefined()
      expect(await other.lock('a', live())).toBeUndefined()
      const free = await other.lock('b', live())
      expect(free).toBeTypeOf('function')
      free?.()
      release?.()
    })

    test('who waits gets it when it is let go, in turn', async () => {
      const { openPage } = await makeBench()
      const [one, other] = [openPage(), openPage()]
      const order: string[] = []
      const release = await one.lock('a', live())
      const first = other.lock('a', live(), { wait: true }).then((done) => {
        order.push('first')
        return done
      })
      const second = one.lock('a', live(), { wait: true }).then((done) => {
        order.push('second')
        return done
      })
      expect(await other.lock('a', live())).toBeUndefined()
      expect(order).toEqual([])
      release?.()
      ;(await first)?.()
      ;(await second)?.()
      expect(order).toEqual(['first', 'second'])
    })

    test('letting go twice takes nothing from the next one', async () => {
      const store = (await makeBench()).openPage()
      const first = await store.lock('a', live())
      first?.()
      const second = await store.lock('a', live(), { wait: true })
      first?.()
      expect(await store.lock('a', live())).toBeUndefined()
      second?.()
      const third = await store.lock('a', live(), { wait: true })
      expect(third).toBeTypeOf('function')
      third?.()
    })

    test('an abort ends the waiting, and its turn goes to the next', async () => {
      const store = (await makeBench()).openPage()
      const release = await store.lock('a', live())
      const controller = new AbortController()
      const given = store.lock('a', controller.signal, { wait: true })
      const next = store.lock('a', live(), { wait: true })
      controller.abort('why')
      await expect(given).rejects.toMatchObject({ code: 'aborted', cause: 'why' })
      release?.()
      const got = await next
      expect(got).toBeTypeOf('function')
      got?.()
    })

    test('an abort before takes nothing; one after leaves the lock where it is', async () => {
      const store = (await makeBench()).openPage()
      await expect(store.lock('a', AbortSignal.abort('why'))).rejects.toMatchObject({ code: 'aborted' })
      const controller = new AbortController()
      const release = await store.lock('a', controller.signal)
      controller.abort()
      expect(await store.lock('a', live())).toBeUndefined()
      release?.()
      const next = await store.lock('a', live(), { wait: true })
      expect(next).toBeTypeOf('function')
      next?.()
    })
  })
}
