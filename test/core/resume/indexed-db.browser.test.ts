/** The store over a real database and real locks. */
import { promisifyRequest } from 'idb-keyval'
import { afterEach, describe, expect, test, vi } from 'vitest'

import { indexedDbResumeStore } from '../../../src/core/resume/indexed-db.ts'
import type * as IndexedDb from '../../../src/core/resume/indexed-db.ts'
import type { ResumeStore } from '../../../src/core/resume/types.ts'
import { resumeStoreConformance } from './conformance.ts'
import { importInFrame } from './frames.ts'
import { recordOf } from './records.ts'

const live = (): AbortSignal => new AbortController().signal
const now = (): number => 2_000

let databases = 0
const newName = (): string => `test-${(databases += 1)}`

afterEach(async () => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  vi.useRealTimers()
  for (const { name } of await indexedDB.databases()) if (name?.startsWith('test-')) await deleted(name)
})

/** Waits for a deletion; one that is blocked by an open connection never ends, and the test times out. */
async function deleted(name: string): Promise<void> {
  await promisifyRequest(indexedDB.deleteDatabase(name))
}

async function otherTab(name: string): Promise<{ other: ResumeStore; close: () => void }> {
  const { module, close } = await importInFrame('/src/core/resume/indexed-db.ts')
  const { indexedDbResumeStore: create } = module as typeof IndexedDb
  return { other: create({ name, now }), close }
}

const makeBench: Parameters<typeof resumeStoreConformance>[1] = async () => {
  const name = newName()
  let time = 2_000
  return {
    openPage: () => indexedDbResumeStore({ name, now: () => time }),
    setTime: (value) => void (time = value),
  }
}

resumeStoreConformance('IndexedDB', makeBench)

describe('without a secure context: no locks across tabs', () => {
  const withoutLocks = (): void => void vi.stubGlobal('navigator', {})

  resumeStoreConformance('IndexedDB without Web Locks', async () => {
    withoutLocks()
    return makeBench()
  })

  test('what another page wrote is left alone, unless it is abandoned; broken and ancient ones go', async () => {
    const name = newName()
    const { other } = await otherTab(name)
    await other.save(recordOf('open'))
    await other.save(recordOf('abandoned', { state: 'abandoned' }))
    const week = 7 * 24 * 60 * 60 * 1000
    await other.save(recordOf('old', { updatedAt: 2_000 - week - 1 }))
    await other.save(recordOf('ancient', { updatedAt: 2_000 - 2 * week - 1 }))
    withoutLocks()
    const store = indexedDbResumeStore({ name, now })
    await store.save(recordOf('mine'))
    const ids = (await store.load('kit')).map(({ id }) => id)
    expect(ids.toSorted()).toEqual(['abandoned', 'mine'])
    vi.unstubAllGlobals()
    const all = (await store.load('kit')).map(({ id }) => id)
    expect(all.toSorted()).toEqual(['abandoned', 'mine', 'old', 'open'])
  })
})

describe('another tab', () => {
  test('sees the records, not the lock; when it is closed its lock is free', async () => {
    const name = newName()
    const { other, close } = await otherTab(name)
    const store = indexedDbResumeStore({ name, now })
    await other.save(recordOf('a'))
    expect(await store.load('kit')).toEqual([recordOf('a')])
    expect(await other.lock('a', live())).toBeTypeOf('function')
    expect(await store.lock('a', live())).toBeUndefined()
    const waiting = store.lock('a', live(), { wait: true })
    close()
    const release = await waiting
    expect(release).toBeTypeOf('function')
    release?.()
  })

  test('with a newer kit is not held up: the connection gives way', async () => {
    const name = newName()
    const store = indexedDbResumeStore({ name, now })
    await store.save(recordOf('a'))
    const newer = await promisifyRequest(indexedDB.open(name, 2))
    expect(newer.version).toBe(2)
    // An older kit cannot open a newer database.
    await expect(store.load('kit')).rejects.toMatchObject({ code: 'resume-unavailable' })
    newer.close()
  })
})

describe('inert', () => {
  test('nothing is opened before the first call', async () => {
    const open = vi.spyOn(IDBFactory.prototype, 'open')
    const name = newName()
    const store = indexedDbResumeStore({ name, now })
    expect(open).not.toHaveBeenCalled()
    await store.load('kit')
    await store.load('kit')
    expect(open).toHaveBeenCalledTimes(1)
  })
})

describe('outside data', () => {
  test('what is broken is left out and deleted', async () => {
    const name = newName()
    const store = indexedDbResumeStore({ name, now })
    await store.save(recordOf('good'))
    const db = await promisifyRequest(indexedDB.open(name, 1))
    const uploads = (): IDBObjectStore => db.transaction('uploads', 'readwrite').objectStore('uploads')
    await promisifyRequest(uploads().put({ id: 'bad', backend: 'kit', parts: 'many' }))
    await promisifyRequest(uploads().put({ id: 'foreign', backend: 'other' }))
    expect((await store.load('kit')).map(({ id }) => id)).toEqual(['good'])
    expect(await promisifyRequest(uploads().getAllKeys())).toEqual(['foreign', 'good'])
    db.close()
  })

  test('a file handle goes in and out', async () => {
    const root = await navigator.storage.getDirectory()
    const handle = await root.getFileHandle('resume.bin', { create: true })
    const store = indexedDbResumeStore({ name: newName(), now })
    await store.save(recordOf('a', { handle }))
    const [record] = await store.load('kit')
    expect(await record?.handle?.isSameEntry(handle)).toBe(true)
  })
})

describe('a browser that refuses', () => {
  const unavailable = { code: 'resume-unavailable', retry: 'never' }

  test('the database: every call says so', async () => {
    const cause = new DOMException('A mutation operation was attempted on …', 'InvalidStateError')
    vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
      throw cause
    })
    const store = indexedDbResumeStore({ name: newName() })
    await expect(store.load('kit')).rejects.toMatchObject({ ...unavailable, cause })
    await expect(store.save(recordOf('a'))).rejects.toMatchObject(unavailable)
    await expect(store.delete('a')).rejects.toMatchObject(unavailable)
  })

  test('the write: a full disk', async () => {
    const cause = new DOMException('full', 'QuotaExceededError')
    const store = indexedDbResumeStore({ name: newName(), now })
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw cause
    })
    await expect(store.save(recordOf('a'))).rejects.toMatchObject({ ...unavailable, cause })
    put.mockRestore()
    await store.save(recordOf('a'))
    expect(await store.load('kit')).toHaveLength(1)
  })

  test('the commit: nothing counts as written that is not on disk', async () => {
    const store = indexedDbResumeStore({ name: newName(), now })
    const put = vi.spyOn(IDBObjectStore.prototype, 'put')
    put.mockImplementation(function (this: IDBObjectStore, row: unknown) {
      const request = this.add(row)
      request.addEventListener('success', () => this.transaction.abort())
      return request
    })
    await expect(store.save(recordOf('a'))).rejects.toMatchObject(unavailable)
    expect(await store.load('kit')).toEqual([])
  })

  test('a connection that another tab had closed is opened again', async () => {
    const name = newName()
    const store = indexedDbResumeStore({ name, now })
    await store.save(recordOf('a'))
    await deleted(name)
    await store.save(recordOf('b'))
    expect(await store.load('kit')).toEqual([recordOf('b')])
  })

  test('an answer that comes late: the database is closed, and the next call opens it anew', async () => {
    vi.useFakeTimers()
    const close = vi.fn()
    const late = { result: { close } } as unknown as IDBOpenDBRequest
    vi.spyOn(IDBFactory.prototype, 'open').mockImplementationOnce(() => late)
    const store = indexedDbResumeStore({ name: newName(), now })
    const loaded = store.load('kit').catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await loaded).toMatchObject(unavailable)
    vi.useRealTimers()
    late.onsuccess?.(new Event('success'))
    await vi.waitFor(() => expect(close).toHaveBeenCalledTimes(1))
    await store.save(recordOf('a'))
    expect(await store.load('kit')).toHaveLength(1)
  })

  test('its turn: what another tab does not end keeps nobody waiting, and is in order when it does', async () => {
    const name = newName()
    const store = indexedDbResumeStore({ name, now })
    await store.save(recordOf('a'))
    const db = await promisifyRequest(indexedDB.open(name))
    const held = db.transaction('uploads', 'readwrite').objectStore('uploads')
    let isHeld = true
    const again = (): void => {
      if (isHeld) held.count().addEventListener('success', again)
    }
    again()
    vi.useFakeTimers()
    const settled = vi.fn()
    store.save(recordOf('b')).then(settled, settled)
    for (let seconds = 0; seconds < 15 && settled.mock.calls.length === 0; seconds++)
      await vi.advanceTimersByTimeAsync(1_000)
    vi.useRealTimers()
    expect(settled).toHaveBeenCalledWith(expect.objectContaining(unavailable))
    const gone = store.delete('b')
    isHeld = false
    await gone
    db.close()
    expect(await store.load('kit')).toEqual([recordOf('a')])
  })

  test('a connection that was cut is opened again', async () => {
    const store = indexedDbResumeStore({ name: newName(), now })
    await store.save(recordOf('a'))
    const cut = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(() => {
      throw new DOMException('Connection to Indexed Database server lost.', 'UnknownError')
    })
    expect(await store.load('kit')).toEqual([recordOf('a')])
    expect(cut).toHaveBeenCalledTimes(2)
  })

  test('the locks', async () => {
    const cause = new DOMException('no', 'SecurityError')
    vi.spyOn(LockManager.prototype, 'request').mockRejectedValue(cause)
    const store = indexedDbResumeStore({ name: newName(), now })
    await expect(store.lock('a', live())).rejects.toMatchObject({ ...unavailable, cause })
  })

  test('an answer: a database that never opens keeps nobody waiting', async () => {
    vi.useFakeTimers()
    vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(
      () => new EventTarget() as unknown as IDBOpenDBRequest,
    )
    const store = indexedDbResumeStore({ name: newName(), now })
    const loaded = store.load('kit').catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await loaded).toMatchObject(unavailable)
    // The second call does not wait again.
    await expect(store.load('kit')).rejects.toMatchObject(unavailable)
  })
})
