/** The store that survives reloads and crashes. */
import { promisifyRequest } from 'idb-keyval'

import { UploadError } from '../errors.ts'
import { currentRecords } from './age.ts'
import type { AgeRules } from './age.ts'
import { databaseName } from './database-name.ts'
import { pageLocks } from './page-locks.ts'
import { parseRecord } from './parse-record.ts'
import type { ResumeRecord, ResumeStore } from './types.ts'
import { hasWebLocks, webLock } from './web-locks.ts'

/** What {@link indexedDbResumeStore} takes. */
export interface IndexedDbResumeOptions extends AgeRules {
  /** Name of the database; all uploaders of an origin may share it. Default `s3-upload-kit`. */
  name?: string
}

/**
 * Milliseconds after which a database that has not opened, or whose turn has not come, counts as refused: Safari 14's
 * never did, and a tab that is frozen in a transaction of its own holds up all others. No upload waits for that.
 */
const limit = 5_000

/** Locks among the uploaders of this page, where there are none across tabs. */
const ownLocks = /* @__PURE__ */ pageLocks()
/** The records that this page wrote. */
const ownRecords = /* @__PURE__ */ new Set<string>()

/**
 * Keeps records in IndexedDB and locks them by Web Locks. Opens nothing before the first call.
 *
 * Without Web Locks (pages without a secure context) nobody can tell whether another tab is at work on an upload.
 * Then `load` gives only the records that this page wrote, and the abandoned ones, which may be aborted twice.
 */
export function indexedDbResumeStore(options: IndexedDbResumeOptions = {}): ResumeStore {
  const { name = databaseName } = options
  const change = database(name)

  return {
    load: (backend) =>
      change(async (uploads) => {
        const index = uploads.index('backend')
        const [rows, keys] = await Promise.all([
          promisifyRequest<unknown[]>(index.getAll(backend)),
          promisifyRequest(index.getAllKeys(backend)),
        ])
        const records = rows.flatMap((row) => parseRecord(row) ?? [])
        const current = currentRecords(records, options)
        const ids = new Set<IDBValidKey>(current.map(({ id }) => id))
        const useless = keys.filter((key) => !ids.has(key))
        await Promise.all(useless.map((key) => promisifyRequest(uploads.delete(key))))
        return hasWebLocks() ? current : currentRecords(records.filter(isSafeUnlocked), options)
      }),
    async save(record) {
      await change((uploads) => promisifyRequest(uploads.put(record)))
      ownRecords.add(record.id)
    },
    async delete(id) {
      await change((uploads) => promisifyRequest(uploads.delete(id)))
      ownRecords.delete(id)
    },
    lock: (id, signal, how) => (hasWebLocks() ? webLock : ownLocks.lock)(`${name}:${id}`, signal, how),
  }
}

/** Does it no harm if another tab has it in hand as well? */
const isSafeUnlocked = ({ id, state }: ResumeRecord): boolean => state === 'abandoned' || ownRecords.has(id)

type Work<T> = (uploads: IDBObjectStore) => Promise<T>

/**
 * Runs work on the stored uploads, in one transaction; resolves when it is on disk. The database is opened on the
 * first call, and again after it was closed.
 */
function database(name: string): <T>(work: Work<T>) => Promise<T> {
  let opened: Promise<IDBDatabase> | undefined
  const forget = (): void => void (opened = undefined)

  return async (work) => {
    try {
      const opening = (opened ??= open(name, forget))
      const db = await opening
      return await transact(db, work).catch(async () => {
        // iOS cuts the connections of pages in the background, and we close those that hold up another tab: once more,
        // over a new one.
        db.close()
        if (opened === opening) forget()
        return transact(await (opened ??= open(name, forget)), work)
      })
    } catch (cause) {
      throw new UploadError(
        'resume-unavailable',
        'never',
        'This page may not use IndexedDB (private mode, a full disk, blocked site data): uploading works, but not ' +
          'going on after a reload.',
        { cause },
      )
    }
  }
}

/** Rejects when the database has not opened in time; `onFail` is told when another try may find it otherwise. */
function open(name: string, onFail: () => void): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1)
  request.onupgradeneeded = () =>
    request.result.createObjectStore('uploads', { keyPath: 'id' }).createIndex('backend', 'backend')
  return new Promise((resolve, reject) => {
    let isLate = false
    // Not cleared: what is settled by then stays as it is.
    setTimeout(() => {
      isLate = true
      reject(new Error(`IndexedDB did not open within ${limit} ms.`))
    }, limit)
    promisifyRequest(request).then(
      (db) => {
        // Another tab has a newer version of the kit, or deletes the database: it must not wait for this one.
        db.onversionchange = () => db.close()
        if (!isLate) return resolve(db)
        db.close()
        return onFail()
      },
      (cause: unknown) => {
        onFail()
        reject(cause)
      },
    )
  })
}

/** What comes too late is carried out all the same: before all that is asked for after it. */
async function transact<T>(db: IDBDatabase, work: Work<T>): Promise<T> {
  const uploads = db.transaction('uploads', 'readwrite').objectStore('uploads')
  const done = async (): Promise<T> => {
    const result = await work(uploads)
    await promisifyRequest(uploads.transaction)
    return result
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`IndexedDB did not answer within ${limit} ms.`)), limit)
  })
  return Promise.race([done(), late]).finally(() => clearTimeout(timer))
}
