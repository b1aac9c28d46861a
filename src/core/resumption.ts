/** Unfinished uploads of this page and of earlier visits: remembered, found again, and held by one tab at a time. */
import { noChunk, UploadError } from './errors.ts'
import type { HeldGrant } from './grants.ts'
import type { BackendCall, Json, StoredObject, UploadBackend } from './ports.ts'
import { fingerprintOf, likeness } from './resume/fingerprint.ts'
import type { ResumeRecord, ResumeStore } from './resume/types.ts'
import { isGenerated } from './sources/generated.ts'
import type { UploadItem } from './types.ts'

/** What the resumption needs of the engine. */
export interface ResumptionContext {
  store: ResumeStore
  backend: UploadBackend
  /** Milliseconds since 1970. */
  now: () => number
  /** Ends with the engine. */
  signal: AbortSignal
  /** The file's handle, where the browser gave one. */
  handleOf: (file: File) => FileSystemFileHandle | undefined
  /** Told of what could not be remembered: the upload itself goes on. */
  report: (error: unknown) => void
}

/** An unfinished upload of an earlier visit. */
export interface Restored {
  record: ResumeRecord
  ref: Json
  /** Another tab works on it; `freed` resolves when it stops, with what it left unfinished. */
  freed?: Promise<Restored | undefined>
}

/** See {@link createResumption}. */
export interface Resumption {
  /** Before parts are sent: takes the lock and writes the record, once. */
  begin(item: UploadItem, grant: HeldGrant, signal: AbortSignal): Promise<void>
  /** S3 has another part: written down where nobody could be asked for it. */
  partDone(id: string, grant: HeldGrant): void
  /** All of it is in S3: only the app's server has to hear of it. */
  stored(id: string, object: StoredObject): void
  /** Is it what it was when the upload was begun? True for what was never begun. */
  isSame(id: string, file: File, call: BackendCall): Promise<boolean>
  /** Nobody wants it any more: its abort is owed, also if this page does not live to see it. */
  abandon(id: string): Promise<void>
  /** It is over. */
  forget(id: string): Promise<void>
  /** It is no affair of this tab: another one may go on with it. */
  release(id: string): void
  /** What earlier visits left: `open` to go on with, `abandoned` to be ended. */
  restore(): Promise<{ open: readonly Restored[]; abandoned: readonly Restored[] }>
  /** Asks for the remembered file; only in a click may the browser ask the user. */
  handle(id: string): FileSystemFileHandle | undefined
}

/** Where nothing is to be remembered beyond the page. */
export const noResumeStore: ResumeStore = {
  load: async () => [],
  save: async () => undefined,
  delete: async () => undefined,
  lock: async () => undefined,
}

/** Makes the memory of one engine. */
export function createResumption(context: ResumptionContext): Resumption {
  const { store, backend, now, signal, handleOf, report } = context
  const records = new Map<string, ResumeRecord>()
  const locks = new Map<string, () => void>()
  /** One write after the other, so that an older state never comes last. */
  let writing: Promise<unknown> = Promise.resolve()

  const write = (run: () => Promise<void>): Promise<void> => {
    const written = writing.then(run).catch(report)
    writing = written
    return written
  }
  const save = (record: ResumeRecord): Promise<void> => {
    records.set(record.id, record)
    return write(() => store.save(record))
  }
  const change = async (id: string, changes: Partial<ResumeRecord>): Promise<void> => {
    const record = records.get(id)
    if (record) await save({ ...record, ...changes, updatedAt: now() })
  }

  const free = (id: string): void => {
    locks.get(id)?.()
    locks.delete(id)
  }

  /** Not past the engine's end, which may have come while the lock was on its way. */
  const holdLock = (id: string, release: () => void): void => {
    if (signal.aborted) release()
    else locks.set(id, release)
  }

  const hold = (record: ResumeRecord, ref: Json, release: () => void): Restored => {
    holdLock(record.id, release)
    records.set(record.id, record)
    return { record, ref }
  }

  const found = async (record: ResumeRecord): Promise<Restored | undefined> => {
    const ref = backend.parseRef(record.ref)
    if (ref === undefined) {
      await store.delete(record.id)
      return undefined
    }
    const release = await store.lock(record.id, signal)
    if (release) return hold(record, ref, release)
    const freed = waitFor(record)
    freed.catch(() => undefined) // not everything that another tab works on is shown here
    return { record, ref, freed }
  }

  const waitFor = async ({ id }: ResumeRecord): Promise<Restored | undefined> => {
    const release = await store.lock(id, signal, { wait: true })
    try {
      // As it is now: the other tab may have begun it anew.
      const record = (await store.load(backend.name)).find((one) => one.id === id && one.state === 'open')
      const ref = record && backend.parseRef(record.ref)
      if (release && record && ref !== undefined) return hold(record, ref, release)
    } catch (error) {
      release?.() // another tab may find out more
      report(error)
      throw error
    }
    release?.()
    return undefined
  }

  signal.addEventListener('abort', () => [...locks.keys()].forEach(free))

  return {
    async begin(item, grant, taskSignal) {
      const { id, file, name, size, type, lastModified, relativePath } = item
      const known = records.get(id)
      const isKnown = known?.state === 'open' && JSON.stringify(known.ref) === JSON.stringify(grant.ref)
      if (isKnown || !file || grant.target.type !== 'multipart') return
      const fingerprint = known?.fingerprint ?? (await fingerprintOf(file, taskSignal))
      const handle = handleOf(file) ?? known?.handle
      if (!known)
        try {
          const release = await store.lock(id, signal)
          if (release) holdLock(id, release)
        } catch (error) {
          report(error)
        }
      taskSignal.throwIfAborted() // given up meanwhile: what is forgotten is not written down again
      await save({
        id,
        backend: backend.name,
        state: 'open',
        ref: grant.ref,
        partSize: grant.target.partSize,
        // Some are there already where the memory came late, or the upload's handle was prolonged.
        parts: [...grant.parts.values()],
        fingerprint,
        name,
        size,
        type,
        lastModified,
        ...(relativePath !== undefined && { relativePath }),
        ...plain('options', item.options),
        ...plain('record', grant.record),
        ...(handle && { handle }),
        ...(isGenerated(file) && { isGenerated: true }),
        createdAt: known?.createdAt ?? now(),
        updatedAt: now(),
      })
    },

    partDone(id, { ref, parts }) {
      const record = records.get(id)
      if (!backend.multipart?.listParts || ref !== record?.ref)
        void change(id, { ref, parts: [...parts.values()] })
    },

    stored: (id, object) => void change(id, { stored: object }),

    async isSame(id, file, call) {
      const record = records.get(id)
      if (!record) return true
      const given = await fingerprintOf(file, call.signal)
      const how = likeness(record.fingerprint, given)
      if (how !== 'unproven') return how === 'same'
      const listed = await backend.multipart?.listParts?.(record.ref, call)
      const parts = listed === 'gone' ? [] : (listed ?? record.parts)
      const isProven = await provenBy({ ...record, parts }, file, call.signal)
      // Known by its new date from here on: at the end S3 may have no list any more to prove it by.
      if (isProven) void change(id, { fingerprint: given })
      return isProven
    },

    abandon: (id) => change(id, { state: 'abandoned' }),

    async forget(id) {
      if (records.delete(id)) await write(() => store.delete(id))
      free(id)
    },

    release(id) {
      records.delete(id)
      free(id)
    },

    async restore() {
      // One that cannot be taken up takes none of the others with it.
      const all = await Promise.all(
        (await store.load(backend.name)).map((record) =>
          found(record).catch((error: unknown) => void (signal.aborted || report(error))),
        ),
      )
      const restored = all.filter((one) => one !== undefined)
      return {
        open: restored.filter(({ record }) => record.state === 'open'),
        // What another tab ends needs no second one.
        abandoned: restored.filter(({ record, freed }) => record.state === 'abandoned' && !freed),
      }
    },

    handle: (id) => records.get(id)?.handle,
  }
}

/** Only the date differs: the digests of the parts that S3 has decide, where there are any. */
async function provenBy(
  { parts, partSize }: ResumeRecord,
  file: File,
  signal: AbortSignal,
): Promise<boolean> {
  const { digest } = await import('./integrity/digest.ts').catch(noChunk)
  let proofs = 0
  for (const { number, checksum } of parts) {
    if (!checksum) continue
    const part = file.slice((number - 1) * partSize, number * partSize)
    if ((await digest(part, checksum.algorithm, signal)).value !== checksum.value) return false
    proofs++
  }
  return proofs > 0 && proofs === parts.length
}

/** The words for a file that is another one than before. */
export function changedError(): UploadError {
  return new UploadError(
    'file-changed',
    'never',
    'The file is not the one whose upload was begun: its size or content differ. Parts of both would make neither.',
  )
}

/** The words for a file that has ended with its page. */
export function goneError(): UploadError {
  return new UploadError(
    'file-gone',
    'never',
    'The file was pasted or made by the page, and ended with it. It has to be added anew.',
  )
}

/** A value by its name, where it survives JSON as it is. */
function plain<Name extends string>(name: Name, value: unknown): Partial<Record<Name, Json>> {
  if (value === undefined) return {}
  try {
    const parsed: Json = JSON.parse(JSON.stringify(value))
    // A computed key widens to string.
    return { [name]: parsed } as Partial<Record<Name, Json>>
  } catch {
    return {}
  }
}
