/** What the backend grants: asked for in batches, kept between tries, given back when nobody wants it any more. */
import { isUploadError, toUploadError, UploadError } from './errors.ts'
import { orAborted } from './or-aborted.ts'
import type {
  BackendCall,
  FileFacts,
  Grant,
  Json,
  StoredPart,
  UploadBackend,
  UploadRequest,
  UploadTarget,
} from './ports.ts'
import type { RetryDecision } from './rules/retry.ts'
import type { UploadItem } from './types.ts'

/** A grant between two tries: a retry is for the same object, never for a second one. */
export interface HeldGrant {
  ref: Json
  record: unknown
  target: UploadTarget
  /** Until when the target can be used without asking again, in milliseconds since 1970. */
  freshUntil: number
  /** A try ended without an answer: whether the object has arrived must be asked before it is sent again. */
  unclear: boolean
  /** Such a try was there before, whatever was said of it. */
  doubted?: boolean
  /** Parts that S3 has, by number. */
  parts: Map<number, StoredPart>
  /** Parts that wait before they are tried again: until when (milliseconds since 1970), and why. */
  resting?: Map<number, { until: number; decision: RetryDecision & { do: 'wait' }; error: UploadError }>
  /** What was said beside the file's facts when it was asked for: said again with each renewal. */
  extras?: AskExtras
  /** Parts of which the app's server was told, where it wants to be. */
  told?: Set<number>
  /** Settles when the server has heard of the part that it is being told of. */
  telling?: Promise<unknown> | undefined
  /** The completion was sent, and its answer did not come. */
  completing?: boolean
}

/** What the grants need of the engine. */
export interface GrantsContext {
  backend: UploadBackend
  /** Lent to the backend for one call; ends with the engine only. */
  call: BackendCall
  /** What can be carried out now. */
  accepts: () => UploadRequest['accepts']
  /** Tells the server that what `find` finds will not be used. Never rejects. */
  giveBack: (id: string, find: () => Promise<HeldGrant | undefined>) => Promise<void>
  /** Told of each new grant. */
  onGrant: (id: string, grant: HeldGrant) => void
}

/** What an ask says besides the file's facts. */
export type AskExtras = Pick<UploadRequest, 'checksum' | 'partChecksum' | 'minimumLife'>

/** See {@link createGrants}. */
export interface Grants {
  /** What is held, whether it is fresh or not. */
  held(id: string): HeldGrant | undefined
  /** Is it there, fresh, or asked for? */
  isReady(id: string): boolean
  /**
   * What is held while it is fresh, else the backend's verdict. Asks of one turn of the event loop go out together,
   * `batchSize` at most in a call. A call goes on when its asker has left: what it brings is held or given back.
   * @throws UploadError the refusal, or why the whole call failed; or the signal's reason
   */
  ask(item: UploadItem, signal?: AbortSignal, extras?: AskExtras): Promise<HeldGrant>
  /** Takes up what an earlier visit was granted. */
  adopt(id: string, grant: HeldGrant): void
  /** Forgets: the upload is over. */
  drop(id: string): void
  /** Forgets what is dead on the server: the next ask begins a new upload. */
  bury(id: string): void
  /**
   * Forgets, and tells the server. Also of what is still being asked for, or may have been granted unheard. Returns
   * whether there is anything to tell it.
   */
  abandon(id: string): boolean
  /** Milliseconds that the signer takes for an answer, on the average of late. */
  latency(): number
}

interface Asked {
  request: UploadRequest
  resolve: (grant: HeldGrant) => void
  reject: (error: unknown) => void
}

/** Makes the batching and the keeping. */
export function createGrants(context: GrantsContext): Grants {
  const { backend, call } = context
  const book = new Map<string, HeldGrant>()
  const asking = new Map<string, Promise<HeldGrant>>()
  /** Asked for without an answer: the server may have granted something that we never heard of. */
  const unheard = new Set<string>()
  /** What was asked last, word for word: only so does the server find what it granted unheard. */
  const last = new Map<string, UploadRequest>()
  /** What died on the server: it is named when a new upload is asked for in its place. */
  const dead = new Map<string, Json>()
  /** What is being given back: a new ask for the same file waits, lest the new upload is ended with the old one. */
  const leaving = new Map<string, Promise<void>>()
  let pending: Asked[] = []
  let latency = 0

  const flush = (): void => {
    const all = pending
    pending = []
    const size = Math.max(1, backend.batchSize)
    for (let at = 0; at < all.length; at += size) void send(all.slice(at, at + size))
  }

  const send = async (batch: readonly Asked[]): Promise<void> => {
    const started = call.now()
    try {
      const grants = await backend.createUploads(
        batch.map(({ request }) => request),
        call,
      )
      const took = call.now() - started
      latency = latency ? latency * 0.7 + took * 0.3 : took
      for (const [index, { request, resolve, reject }] of batch.entries()) {
        const grant = grants[index]
        unheard.delete(request.id)
        if (!grant) reject(noVerdict(backend.name, grants.length, batch.length))
        else if (!grant.ok) reject(grant.error)
        else resolve(heldOf(request.id, grant))
      }
    } catch (cause) {
      const error = toUploadError(cause, 'asking the signer')
      for (const { request, reject } of batch) {
        if (error.retry === 'later') unheard.add(request.id)
        reject(error)
      }
    }
  }

  const heldOf = (id: string, { ref, target, record }: Grant & { ok: true }): HeldGrant => {
    const before = book.get(id)
    const isParts = target.type === 'multipart'
    return {
      ref,
      target,
      record: record ?? before?.record,
      // Half of its life: the other half is for the bytes to arrive. An upload in parts lives until it is ended.
      freshUntil: isParts ? Infinity : call.now() + target.expiresIn * 500,
      unclear: before?.unclear ?? false,
      parts: new Map(),
      ...(before?.doubted && { doubted: true }),
    }
  }

  const take = (id: string, grant: HeldGrant): void => {
    book.set(id, grant)
    dead.delete(id)
    context.onGrant(id, grant)
  }

  const request = (item: UploadItem, extras: AskExtras = {}): Promise<HeldGrant> => {
    const { id } = item
    const previous = book.get(id)?.ref ?? dead.get(id)
    const asked: UploadRequest = {
      ...factsOf(item),
      reason: book.has(id) ? 'renew' : dead.has(id) ? 'restart' : 'first',
      accepts: context.accepts(),
      ...(previous !== undefined && { previous }),
      ...extras,
    }
    last.set(id, asked)
    return again(asked)
  }

  const again = (asked: UploadRequest): Promise<HeldGrant> =>
    new Promise((resolve, reject) => {
      if (pending.length === 0) queueMicrotask(flush)
      pending.push({ request: asked, resolve, reject })
    })

  const isFresh = (id: string): boolean => {
    const held = book.get(id)
    return held !== undefined && call.now() < held.freshUntil && context.accepts().includes(held.target.type)
  }

  return {
    held: (id) => book.get(id),
    isReady: (id) => asking.has(id) || isFresh(id),
    ask(item, signal, extras) {
      const { id } = item
      const held = book.get(id)
      if (signal?.aborted) return Promise.reject(signal.reason)
      if (held && isFresh(id)) return Promise.resolve(held)
      let asked = asking.get(id)
      const forget = (): void => void (asking.get(id) === asked && asking.delete(id))
      if (!asked) {
        const gone = leaving.get(id)
        const granted = gone ? gone.then(() => request(item, extras)) : request(item, extras)
        asked = granted.then((grant) => {
          // Abandoned meanwhile: it is being given back, and must not be found.
          if (asking.get(id) === asked) take(id, grant)
          return grant
        })
        asking.set(id, asked)
        asked.then(forget, (error) => {
          // A refusal that was heard ahead is kept for the file's turn: asking once more would bring the same.
          if (signal || !isUploadError(error) || error.retry !== 'never') forget()
        })
      } else if (signal) asked.catch(forget)
      return signal ? orAborted(asked, signal) : asked
    },
    adopt: (id, grant) => void book.set(id, grant),
    drop(id) {
      book.delete(id)
      last.delete(id)
      unheard.delete(id)
      dead.delete(id)
    },
    bury(id) {
      const held = book.get(id)
      if (held) dead.set(id, held.ref)
      book.delete(id)
    },
    abandon(id) {
      const lastAsked = last.get(id)
      const held = book.get(id)
      const isUnheard = unheard.has(id)
      let asked = asking.get(id)
      for (const map of [book, asking, dead]) map.delete(id)
      unheard.delete(id)
      last.delete(id)
      if (!held && !asked && !(isUnheard && lastAsked)) return false
      const find = async (): Promise<HeldGrant | undefined> => {
        const ask = asked ?? (held || !lastAsked ? undefined : again(lastAsked))
        asked = undefined
        const grant = held && ask ? await ask.catch(() => held) : ((await ask) ?? held)
        unheard.delete(id)
        return grant
      }
      const end = context.giveBack(id, find)
      const done = end.finally(() => leaving.get(id) === done && leaving.delete(id))
      leaving.set(id, done)
      return true
    },
    latency: () => latency,
  }
}

/** What a backend is told of an item. */
export function factsOf(item: UploadItem): FileFacts {
  const { id, file, name, size, type, lastModified, relativePath, options } = item
  return {
    id,
    // None only where nothing is sent any more: an earlier visit's upload of which the app's server has to hear.
    source: file ?? new Blob(),
    name,
    size,
    type,
    lastModified,
    options,
    ...(relativePath !== undefined && { relativePath }),
  }
}

function noVerdict(backend: string, got: number, wanted: number): UploadError {
  return new UploadError(
    'bad-answer',
    'later',
    `The ${backend} backend gave ${got} verdicts for ${wanted} files. It must give one per file, in order.`,
  )
}
