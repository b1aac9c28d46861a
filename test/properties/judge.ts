/** The invariants: what must hold at every moment, when all is silent, and in the end. */
import type { UploadItem, UploadStatus, Uploader } from '../../src/core/index.ts'
import type { ResumeRecord } from '../../src/core/resume/types.ts'
import { InstantFile, sameBytes } from '../support/model-s3-file.ts'
import type { Session } from '../support/model-s3-signer.ts'
import type { ModelS3 } from '../support/model-s3.ts'
import { createPromiseBook } from './promises.ts'
import type { PromiseBook } from './promises.ts'
import type { Command, Script } from './script.ts'
import { watchSnapshots } from './snapshots.ts'

/** See {@link createJudge}. */
export interface Judge {
  objections(): readonly string[]
  object(what: string): void
  /** Notes a command in the log. */
  say(command: Command): void
  /** Looks at every snapshot from now on. Returns the function that ends it. */
  watch(uploader: Uploader): () => void
  added(items: readonly UploadItem[]): void
  /** The engine's own word on each change. */
  moved(item: UploadItem): void
  removed(ids: readonly string[]): void
  readonly promises: PromiseBook
  /** What nothing is written down of is lost from here on. */
  reloading(records: ReadonlyMap<string, ResumeRecord>): void
  restored(uploader: Uploader, records: ReadonlyMap<string, ResumeRecord>): void
  nothingTaken(uploader: Uploader): void
  /** {@link InstantFile.index} of an item. */
  fileOf(id: string): number | undefined
  silent(uploader: Uploader, when: string): void
  allDone(uploader: Uploader, when: string): void
  final(records: ReadonlyMap<string, ResumeRecord>): void
}

/** What the judge remembers of an item, over all visits. */
interface Case {
  readonly file: InstantFile
  item: UploadItem
  /** It was in S3, and the app's server was told so: nobody takes it back then. */
  wasStored: boolean
  wasCanceled: boolean
  /** It is in S3, and in this visit the app is being told: it goes on from there only, waits or not. */
  isConfirming: boolean
  isGone: boolean
  /** A reload took it away before anything was written down of it. */
  isLost: boolean
}

const resting: ReadonlySet<UploadStatus> = new Set(['success', 'error', 'canceled', 'rejected', 'paused'])

/** Makes the judge of one run. */
export function createJudge(model: ModelS3, script: Script): Judge {
  const found: string[] = []
  const cases = new Map<string, Case>()
  const promises = createPromiseBook()
  /** Sessions of which the memory knew nothing when a page was left: nobody can end those. */
  const unheard = new Set<number>()
  const object = (what: string): void => {
    found.push(what)
    model.log.push(`         !! ${what}`)
  }
  const nameOf = (id: string): string => cases.get(id)?.file.name ?? id

  const judgeEnd = (id: string, { file, item, wasStored, wasCanceled, isGone, isLost }: Case): void => {
    if (isLost) return
    const { status } = item
    // What the app was offered is the app's; and S3 alone ends what is no object yet, which a completion may have been
    // faster than.
    const isLeft = (one: Session): boolean =>
      one.wasOffered || (one.kind === 'multipart' && !script.world.abortRemoves)
    const mayStay = (one: Session): boolean =>
      (isGone || wasCanceled) && (isLeft(one) || unheard.has(one.number))
    const all = model.sessions.filter(({ id: whose, key }) => whose === id && model.bucket.objects.has(key))
    const [session] = all.toReversed()
    const left = all.filter((one) => one !== session || status !== 'success')
    const orphans = left.filter((one) => !mayStay(one)).map(({ key }) => key)
    if (orphans.length > 0 && status === 'success')
      object(`${file.name} is in the store again: ${orphans.join(', ')}`)
    if (orphans.length > 0 && status !== 'success' && !wasStored)
      object(`${file.name} is ${isGone ? 'removed' : status} and left ${orphans.join(', ')}`)
    if (status !== 'success') return
    if (!session) return object(`${file.name} is a success and not in the store`)
    const bytes = model.bucket.objects.get(session.key)?.bytes ?? new Uint8Array()
    if (!sameBytes(bytes, file.content))
      object(`${file.name} has ${file.size} bytes, its object ${bytes.length}, or other ones`)
    if (session.name !== item.name) object(`${item.name} is stored as ${session.name}`)
    if (JSON.stringify(session.options) !== JSON.stringify(item.options))
      object(`${file.name} was granted for other options than its own`)
    if (script.world.confirms && session.state !== 'confirmed') object(`${file.name} was never confirmed`)
    if (item.stored.key !== undefined && item.stored.key !== session.key)
      object(`${file.name} lies at ${session.key}, not at ${item.stored.key}`)
  }

  return {
    object,
    promises,
    objections: () => found,
    say: (command) => {
      model.log.push(`         > ${JSON.stringify(command)}`)
    },
    fileOf: (id) => cases.get(id)?.file.index,
    watch(uploader) {
      let isOver = false
      watchSnapshots(uploader, object)
      const end = model.network.line.onOnline(() => {
        const waiting = uploader.getItems().filter(isOffline)
        // After the next frame.
        model.network.later(50, () => {
          for (const item of waiting)
            if (!isOver && model.network.isUp() && uploader.getItem(item.id) === item)
              object(`the line is back, and ${item.name} still waits for it`)
        })
      })
      return () => {
        isOver = true
        end()
      }
    },
    added(items) {
      for (const item of items) {
        if (!(item.file instanceof InstantFile)) continue
        // Its first steps may have been told before `add` returned.
        const known = cases.get(item.id)?.item ?? item
        cases.set(item.id, {
          file: item.file,
          item: known,
          wasStored: false,
          wasCanceled: false,
          isConfirming: false,
          isGone: false,
          isLost: false,
        })
      }
    },
    moved(item) {
      const one = cases.get(item.id)
      if (!one) return
      one.item = item
      const isStored = item.status === 'waiting' ? item.stored !== undefined : 'stored' in item
      if (one.isConfirming && !isStored && !isDead(item))
        object(`${one.file.name} was stored, and became ${item.status}`)
      one.isConfirming = item.status === 'processing' || (item.status === 'waiting' && isStored)
      if (item.status === 'processing' || item.status === 'success') one.wasStored = true
      if (item.status === 'canceled') one.wasCanceled = true
      if (item.status === 'error') model.log.push(`         ${one.file.name}: ${item.error.message}`)
    },
    removed(ids) {
      for (const id of ids) {
        const one = cases.get(id)
        if (one?.isConfirming) object(`${one.file.name} was removed while the app was told of it`)
        if (one) one.isGone = true
      }
    },
    reloading(records) {
      const open = [...records.values()]
      if (script.settings.remembers)
        for (const { id, uploadId = '', key } of model.sessions)
          if (
            model.bucket.hasParts(uploadId) &&
            !open.some((record) => record.id === id) &&
            isWanted(cases.get(id))
          )
            object(`${key} has parts in S3, and nothing of it is written down`)
      for (const [id, one] of cases) {
        one.isConfirming = false
        const isOver =
          one.isGone ||
          (resting.has(one.item.status) && one.item.status !== 'paused' && one.item.status !== 'error')
        if (!isOver && !open.some((record) => record.id === id && record.state === 'open')) one.isLost = true
      }
      const heard = new Set(open.map(({ ref }) => JSON.stringify(ref)))
      for (const { number } of model.sessions)
        if (!heard.has(JSON.stringify({ session: number }))) unheard.add(number)
    },
    restored(uploader, records) {
      for (const { id, state } of records.values())
        if (state === 'open' && !uploader.getItem(id))
          object(`${nameOf(id)} was written down and not restored`)
      for (const id of uploader.getIds()) {
        const one = cases.get(id)
        if (one && !isWanted(one))
          object(`${one.file.name} was ${one.isGone ? 'removed' : one.item.status}, and is back`)
      }
    },
    nothingTaken(uploader) {
      for (const { id, file } of uploader.getItems())
        if (file) object(`${nameOf(id)} took another file for its own`)
    },
    silent(uploader, when) {
      const isOver = (id: string): boolean => {
        const item = uploader.getItem(id)
        return !item || (resting.has(item.status) && item.status !== 'paused')
      }
      for (const open of promises.overdue(isOver)) object(`${when}: ${open}`)
      const banned = new Set(script.bans.map(({ file }) => file))
      for (const [id, one] of cases) {
        const item = uploader.getItem(id)
        if (!item && !one.isGone && !one.isLost && !isOverBefore(one))
          object(`${when}: ${one.file.name} is lost`)
        if (!item) continue
        if (!resting.has(item.status)) object(`${when}: ${one.file.name} hangs, ${item.status}`)
        if (item.status === 'error' && !banned.has(one.file.index))
          object(`${when}: ${one.file.name} ended in ${item.error.code} at ${item.step}`)
      }
    },
    allDone(uploader, when) {
      for (const item of uploader.getItems())
        if (item.status === 'error') object(`${when}: ${nameOf(item.id)} is still in ${item.error.code}`)
    },
    final(records) {
      for (const [id, one] of cases) judgeEnd(id, one)
      for (const uploadId of model.bucket.open()) {
        const session = model.sessions.find((one) => one.uploadId === uploadId)
        const isExcused = !session || unheard.has(session.number) || cases.get(session.id)?.isLost
        if (!isExcused) object(`the upload in parts of ${session.key} was left open`)
      }
      for (const { id, state } of records.values())
        object(`${nameOf(id)} is over, and still written down as ${state}`)
      for (const open of promises.open()) object(`in the end, ${open}`)
    },
  }
}

/** Did it turn out that the server knows it no more? */
const isDead = (item: UploadItem): boolean => item.status === 'error' && item.error.retry === 'restart'

const isOffline = (item: UploadItem): boolean => item.status === 'waiting' && item.reason === 'offline'

/** Is it still in the list, on its way or waiting for somebody? */
const isWanted = (one: Case | undefined): boolean =>
  one !== undefined && !one.isGone && !one.isLost && !isOverBefore(one)

/** Was it over when the page was left? Such items are no longer in the list of the next visit. */
const isOverBefore = ({ item }: Case): boolean =>
  item.status === 'success' || item.status === 'canceled' || item.status === 'rejected'
