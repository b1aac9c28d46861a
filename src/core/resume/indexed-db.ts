/** The store that survives reloads and crashes. */
import { openDB } from 'idb'
import type { DBSchema, IDBPDatabase } from 'idb'

import { UploadError } from '../errors.ts'
import { currentRecords } from './age.ts'
import type { AgeRules } from './age.ts'
import { pageLocks } from './page-locks.ts'
import { parseRecord } from './parse-record.ts'
import type { ResumeRecord, ResumeStore } from './types.ts'
import { hasWebLocks, webLock } from './web-locks.ts'

/** What {@link indexedDbResumeStore} takes. */
export interface IndexedDbResumeOptions extends AgeRules {
  /** Name of the database; all uploaders of an origin may share it. Default `s3-upload-kit`. */
  name?: string
}

interface Schema extends DBSchema {
  /** Outside data: what is read goes through `parseRecord`. */
  uploads: { key: string; value: unknown; indexes: { backend: string } }
}

/** Milliseconds after which a database that has not opened counts as refused: Safari 14's never did. */
const openLimit = 5_000

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
  const { name = 's3-upload-kit' } = options
  const withDatabase = database(name)

  return {
    load: (backend) =>
      withDatabase(async (db) => {
        const { store, done } = db.transaction('uploads', 'readwrite')
        const index = store.index('backend')
        const [rows, keys] = await Promise.all([index.getAll(backend), index.getAllKeys(backend)])
        const records = rows.flatMap((row) => parseRecord(row) ?? [])
        const ids = new Set(records.map(({ id }) => id))
        const broken = keys.filter((key) => !ids.has(key))
        const { current, expired } = currentRecords(records, options)
        await Promise.all([...broken, ...expired].map((key) => store.delete(key)))
        await done
        if (hasWebLocks()) return current
        const safe = new Set(records.filter(isSafeUnlocked).map(({ id }) => id))
        return current.filter(({ id }) => safe.has(id))
      }),
    async save(record) {
      await withDatabase((db) => db.put('uploads', record))
      ownRecords.add(record.id)
    },
    async delete(id) {
      await withDatabase((db) => db.delete('uploads', id))
      ownRecords.delete(id)
    },
    lock: (id, signal, how) =>
      hasWebLocks() ? webLock(`${name}:${id}`, signal, how) : ownLocks.lock(`${name}:${id}`, signal, how),
  }
}

/** Does it no harm if another tab has it in hand as well? */
const isSafeUnlocked = ({ id, state }: ResumeRecord): boolean => state === 'abandoned' || ownRecords.has(id)

type Database = IDBPDatabase<Schema>

/** Runs work on the database, which is opened on the first call and again after it was closed. */
function database(name: string): <T>(work: (db: Database) => Promise<T>) => Promise<T> {
  let opened: Promise<Database> | undefined

  const open = (): Promise<Database> => {
    const opening = openDB<Schema>(name, 1, {
      upgrade(db) {
        db.createObjectStore('uploads', { keyPath: 'id' }).createIndex('backend', 'backend')
      },
      // Another tab has a newer version of the kit, or deletes the database: it must not wait for this one.
      blocking: close,
      terminated: forget,
    })
    opening.catch(forget)
    return withLimit(opening, forget)
  }
  const forget = (): void => void (opened = undefined)
  const close = (): void => {
    const closing = opened
    forget()
    closing?.then(
      (db) => db.close(),
      () => undefined,
    )
  }

  return async (work) => {
    try {
      const mine = (opened ??= open())
      return await work(await mine).catch(async () => {
        // iOS cuts the connections of pages in the background: once more, over a new one.
        if (opened === mine) close()
        return work(await (opened ??= open()))
      })
    } catch (cause) {
      throw new UploadError(
        'resume-unavailable',
        'never',
        'The browser does not let this page use IndexedDB (private mode, a full disk, blocked site data): ' +
          'unfinished uploads cannot be resumed after a reload. Uploading works all the same.',
        { cause },
      )
    }
  }
}

/** Rejects when a database has not opened in time; `onLate` is told of one that opens after all, closed again. */
function withLimit(opening: Promise<Database>, onLate: () => void): Promise<Database> {
  return new Promise((resolve, reject) => {
    let late = false
    const timer = setTimeout(() => {
      late = true
      reject(new Error(`IndexedDB did not open within ${openLimit} ms.`))
    }, openLimit)
    opening.then(
      (db) => {
        clearTimeout(timer)
        if (!late) return resolve(db)
        db.close()
        return onLate()
      },
      (cause: unknown) => {
        clearTimeout(timer)
        reject(cause)
      },
    )
  })
}
