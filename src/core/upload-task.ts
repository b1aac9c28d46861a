/** One item's life, from its place in the queue to its end: ask, transfer, confirm. */
import { isUploadError, toUploadError, UploadError } from './errors.ts'
import type { Grants } from './grants.ts'
import type { UploadItemEvent } from './item-reducer.ts'
import type {
  BackendCall,
  FileFacts,
  HttpTransport,
  Json,
  StoredObject,
  UploadBackend,
  UploadRequest,
  UploadTarget,
} from './ports.ts'
import type { RetryDecision } from './rules/retry.ts'
import { supportedTargets, transfer } from './transfers/index.ts'
import type { UploadItem, UploadStep } from './types.ts'

/** A grant between two tries. */
export interface HeldGrant {
  ref: Json
  record: unknown
  target: UploadTarget
  /** Until when the target can be used once more without asking, in milliseconds since 1970. */
  freshUntil: number
}

/** What a task needs of the engine. */
export interface TaskContext {
  backend: UploadBackend
  grants: Grants
  /** To the store, watched. */
  send: HttpTransport['send']
  callFor: (signal: AbortSignal) => BackendCall
  /** What was granted, by item, kept between tries: a retry is for the same object, never for a second one. */
  held: Map<string, HeldGrant>
  dispatch: (id: string, event: UploadItemEvent) => void
  progress: (id: string, loaded: number) => void
  /** Counts a failure and decides on it. */
  judge: (id: string, error: UploadError) => RetryDecision
  /** Lets the item wait, without a slot. */
  putOff: (id: string, decision: RetryDecision & { do: 'wait' }, error: UploadError) => void
  /** Waits with everything held. Rejects with the signal's reason. */
  sleep: (decision: RetryDecision & { do: 'wait' }, signal: AbortSignal) => Promise<void>
}

/**
 * Runs a queued item to its end, or until it must wait. Never rejects: what goes wrong is the item's state, an abort is
 * the command's.
 */
export async function runUpload(item: UploadItem, signal: AbortSignal, context: TaskContext): Promise<void> {
  const { held, dispatch, judge, putOff } = context
  for (let step: UploadStep = 'prepare'; ;) {
    try {
      const stored = await sendFile(item, signal, context, (next) => (step = next))
      signal.throwIfAborted()
      dispatch(item.id, { type: 'store', stored })
      await runConfirm(item, stored, signal, context)
      return
    } catch (cause) {
      if (signal.aborted) return
      const error = toUploadError(cause, 'uploading')
      // The upload is dead on the server: renewing it would only bring the same refusal, the next try begins anew.
      if (error.retry === 'restart') held.delete(item.id)
      const decision = judge(item.id, error)
      if (decision.do === 'wait') return putOff(item.id, decision, error)
      if (decision.do === 'fail') return dispatch(item.id, { type: 'fail', step, error })
    }
  }
}

/** Tells the app about bytes that are stored, as often as it takes. Never rejects; the item must be `processing`. */
export async function runConfirm(
  item: UploadItem,
  stored: StoredObject,
  signal: AbortSignal,
  context: TaskContext,
): Promise<void> {
  const { backend, held, callFor, dispatch, judge, sleep } = context
  for (;;) {
    try {
      const ref = held.get(item.id)?.ref ?? null
      const result = await backend.confirm?.(ref, stored, factsOf(item), callFor(signal))
      if (signal.aborted) return
      held.delete(item.id)
      dispatch(item.id, { type: 'succeed', result })
      return
    } catch (cause) {
      if (signal.aborted) return
      const error = toUploadError(cause, "confirming the upload with the app's server")
      const isDead = error.retry === 'restart'
      if (isDead) held.delete(item.id)
      const decision = isDead ? ({ do: 'fail' } as const) : judge(item.id, error)
      if (decision.do === 'fail')
        return dispatch(item.id, { type: 'fail', step: isDead ? 'transfer' : 'confirm', error })
      if (decision.do === 'wait') {
        const isAwake = await sleep(decision, signal).then(
          () => true,
          () => false, // only our own abort ends it early
        )
        if (!isAwake) return
      }
    }
  }
}

async function sendFile(
  item: UploadItem,
  signal: AbortSignal,
  context: TaskContext,
  setStep: (step: UploadStep) => void,
): Promise<StoredObject> {
  const { held, dispatch, progress, send, callFor } = context
  const { now } = callFor(signal)
  for (let minimumLife: number | undefined; ;) {
    setStep('prepare')
    dispatch(item.id, { type: 'prepare' })
    const { target, record } = await targetFor(item, signal, context, minimumLife)
    signal.throwIfAborted() // canceled and started anew meanwhile: the item is another task's now
    dispatch(item.id, { type: 'grant', record, canResume: target.type === 'multipart' })
    setStep('transfer')
    const started = now()
    let sent = 0
    try {
      return await transfer(target, {
        source: sourceOf(item),
        name: item.name,
        send: (request) =>
          send(request, { signal, onProgress: (loaded) => progress(item.id, (sent = loaded)) }),
      })
    } catch (error) {
      const grant = held.get(item.id)
      if (grant && isUploadError(error) && isRefusal(error)) grant.freshUntil = 0
      // Some stores look at the clock only when the body has arrived (RGW, measured): what ran out on the way gets
      // one longer life. Twice what this try took, for lines that get slower.
      const ranOut = isUploadError(error) && error.code === 'expired' && sent > 0
      if (!ranOut || signal.aborted) throw error
      if (minimumLife !== undefined) throw tooSlow(error)
      minimumLife = Math.ceil(((now() - started) / 1000) * 2) + 60
    }
  }
}

const tooSlow = (cause: UploadError): UploadError =>
  new UploadError(
    'expired',
    'never',
    'What was signed ran out while the file was on its way, and so did a second one with a longer life. The line is ' +
      "slow, or the signer's clock is off.",
    { cause },
  )

/** An answer that says no to what was signed: using the same target again would only repeat it. */
const isRefusal = (error: UploadError): boolean =>
  error.retry === 'sign-again' || (error.status !== undefined && error.status >= 400 && error.status < 500)

/** The target of the last try while it is fresh, else a new one for the same object. */
async function targetFor(
  item: UploadItem,
  signal: AbortSignal,
  { held, grants, callFor }: TaskContext,
  minimumLife: number | undefined,
): Promise<HeldGrant> {
  const { now } = callFor(signal)
  const last = held.get(item.id)
  if (last && now() < last.freshUntil) return last
  const grant = await grants.ask(requestFor(item, last?.ref, minimumLife), signal)
  if (!grant.ok) throw grant.error
  const { ref, target, record = last?.record } = grant
  // Half of its life: the other half is for the bytes to arrive.
  const freshUntil = target.type === 'multipart' ? 0 : now() + target.expiresIn * 500
  const next = { ref, target, record, freshUntil }
  held.set(item.id, next)
  return next
}

function requestFor(
  item: UploadItem,
  previous: Json | undefined,
  minimumLife: number | undefined,
): UploadRequest {
  return {
    ...factsOf(item),
    reason: previous === undefined ? 'first' : 'renew',
    accepts: supportedTargets,
    ...(previous !== undefined && { previous }),
    ...(minimumLife !== undefined && { minimumLife }),
  }
}

function factsOf(item: UploadItem): FileFacts {
  const { id, name, size, type, lastModified, relativePath, options } = item
  return {
    id,
    source: sourceOf(item),
    name,
    size,
    type,
    lastModified,
    options,
    ...(relativePath !== undefined && { relativePath }),
  }
}

/** Only `remote` items have no file, and those are never queued. */
function sourceOf(item: UploadItem): Blob {
  if (!item.file) throw new TypeError(`The item ${item.id} has no file to send.`)
  return item.file
}
