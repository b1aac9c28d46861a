/** One item's life, from its place in the queue to its end: ask, transfer, confirm. */
import { isUploadError, toUploadError, UploadError } from './errors.ts'
import type { AskExtras, Grants, HeldGrant } from './grants.ts'
import { factsOf } from './grants.ts'
import type { UploadItemEvent } from './item-reducer.ts'
import type { BackendCall, Checksum, StoredObject, StoredPart, UploadBackend } from './ports.ts'
import type { RetryDecision } from './rules/retry.ts'
import type { TransferContext } from './transfers/context.ts'
import { isStale } from './transfers/context.ts'
import { transfer } from './transfers/index.ts'
import { GivenUp, PutOff } from './transfers/put-off.ts'
import type { UploadItem, UploadStep } from './types.ts'

/** Milliseconds before code that could not be fetched is looked for again. */
export const chunkDelay = 5000

/** What a task needs of the engine. */
export interface TaskContext extends Pick<
  TransferContext,
  'backend' | 'recovery' | 'send' | 'pick' | 'concurrency'
> {
  backend: UploadBackend
  grants: Grants
  callFor: (signal: AbortSignal, urgent?: boolean) => BackendCall
  dispatch: (id: string, event: UploadItemEvent) => void
  progress: (id: string, loaded: number) => void
  /** Bytes handed over by the try that is under way. */
  loaded: (id: string) => number
  /** Bytes that S3 keeps, whatever happens to the rest. */
  keep: (id: string, bytes: number) => void
  partDone: (id: string, part: StoredPart) => void
  /** Runs the app's `beforeUpload`, once. Resolves with the item as it is then; undefined: vetoed. */
  before: (item: UploadItem, signal: AbortSignal) => Promise<UploadItem | undefined>
  /** What a first ask says besides the file's facts. */
  extras: (item: UploadItem, signal: AbortSignal) => Promise<AskExtras>
  /** Are the parts of an upload digested that was asked for with these? */
  isDigested: (asked: AskExtras | undefined) => boolean
  /** Digests that were asked for. */
  digest: (blob: Blob, signal: AbortSignal, asked: AskExtras | undefined) => Promise<Checksum | undefined>
  /** The store does not know POST: no file need try it again. */
  refusePost: () => void
  /** Before an upload in parts goes on: it must be ours alone, and the file the same. */
  beginParts: (item: UploadItem, grant: HeldGrant, signal: AbortSignal) => Promise<void>
  /** Before it is completed: the file must still be the same. */
  endParts: (item: UploadItem, call: BackendCall) => Promise<void>
  /** May a file wait for what decides on failures? Not for ever: a new release may have taken it away. */
  isPatient: () => boolean
  /** Lets the item wait, without a slot. */
  putOff: (id: string, decision: RetryDecision & { do: 'wait' }, error: UploadError) => void
}

/**
 * Runs a queued item to its end, or until it must wait. Never rejects: what goes wrong is the item's state, an abort is
 * the command's.
 */
export async function runUpload(item: UploadItem, signal: AbortSignal, context: TaskContext): Promise<void> {
  const { id } = item
  const { dispatch, putOff } = context
  for (let step: UploadStep = 'prepare'; ;) {
    try {
      const ready = await context.before(item, signal)
      signal.throwIfAborted() // stopped before its first step: the item may be another task's by now
      if (!ready) return
      const stored = await sendFile(ready, signal, context, (next) => (step = next))
      signal.throwIfAborted()
      dispatch(id, { type: 'store', stored })
      await runConfirm(ready, stored, signal, context)
      return
    } catch (cause) {
      if (signal.aborted) return
      if (cause instanceof PutOff) return putOff(id, cause.decision, cause.reason)
      if (cause instanceof GivenUp) return dispatch(id, { type: 'fail', step, error: cause.reason })
      const error = toUploadError(cause, 'uploading')
      // The upload is dead on the server: renewing it would only bring the same refusal, the next try begins anew.
      if (error.retry === 'restart') bury(id, context)
      const decision = await decide(id, error, context)
      if (signal.aborted) return
      if (decision.do === 'wait') return putOff(id, decision, error)
      if (decision.do === 'fail') return dispatch(id, { type: 'fail', step, error })
    }
  }
}

/**
 * Tells the app about bytes that are stored, until it has heard or the item must wait. Never rejects; the item must be
 * `processing`.
 */
export async function runConfirm(
  item: UploadItem,
  stored: StoredObject,
  signal: AbortSignal,
  context: TaskContext,
): Promise<void> {
  const { backend, grants, callFor, dispatch, putOff } = context
  const { id } = item
  while (!signal.aborted) {
    try {
      const ref = grants.held(id)?.ref ?? null
      const result = await backend.confirm?.(ref, stored, factsOf(item), callFor(signal))
      if (signal.aborted) return
      grants.drop(id)
      return dispatch(id, { type: 'succeed', result })
    } catch (cause) {
      if (signal.aborted) return
      const error = toUploadError(cause, "confirming the upload with the app's server")
      if (error.retry === 'restart') {
        bury(id, context)
        return dispatch(id, { type: 'fail', step: 'transfer', error })
      }
      const decision = await decide(id, error, context)
      if (signal.aborted) return
      if (decision.do === 'fail') return dispatch(id, { type: 'fail', step: 'confirm', error })
      if (decision.do === 'wait') return putOff(id, decision, error)
    }
  }
}

function bury(id: string, { grants, keep }: TaskContext): void {
  grants.bury(id)
  keep(id, 0)
}

async function decide(id: string, error: UploadError, context: TaskContext): Promise<RetryDecision> {
  try {
    return await (await context.recovery()).judge(id, error, context.loaded(id))
  } catch {
    // What decides cannot be fetched: the line is down, or the server that has it. Both come back.
    return context.isPatient() ? { do: 'wait', reason: 'backoff', delay: chunkDelay } : { do: 'fail' }
  }
}

async function sendFile(
  item: UploadItem,
  signal: AbortSignal,
  context: TaskContext,
  setStep: (step: UploadStep) => void,
): Promise<StoredObject> {
  const { id } = item
  const { backend, grants, dispatch, callFor } = context
  const call = callFor(signal)
  let isPostRefused = false
  let wasStale = false
  for (let minimumLife: number | undefined; ;) {
    signal.throwIfAborted()
    setStep('prepare')
    dispatch(id, { type: 'prepare' })
    const last = grants.held(id)
    if (last?.unclear) {
      const found = await backend.probe?.(last.ref, call)
      if (typeof found === 'object') return found
      last.unclear = false
    }
    const extras = last?.extras ?? (await context.extras(item, signal))
    const grant = await grants.ask(item, signal, { ...extras, ...(minimumLife && { minimumLife }) })
    grant.extras = extras
    signal.throwIfAborted() // canceled and started anew meanwhile: the item is another task's now
    const isParts = grant.target.type === 'multipart'
    dispatch(id, { type: 'grant', record: grant.record, canResume: isParts })
    setStep('transfer')
    const started = call.now()
    // Bytes handed over; -1 until the request has begun.
    let sent = -1
    try {
      return await transfer({
        ...context,
        item,
        source: factsOf(item).source,
        grant,
        signal,
        call,
        urgentCall: callFor(signal, true),
        // It had its turn, and lost it to the clock.
        send: (request, how) => context.send(request, { ...how, urgent: wasStale }),
        progress: (loaded) => context.progress(id, (sent = loaded)),
        keep: (bytes) => context.keep(id, bytes),
        partDone: (part) => context.partDone(id, part),
        // Once: a target that is old as it comes has to be used as it is.
        isOld: () => !wasStale && grant.freshUntil < call.now(),
        isDigested: context.isDigested(grant.extras),
        digest: (blob) => context.digest(blob, signal, grant.extras),
        beginParts: () => context.beginParts(item, grant, signal),
        endParts: () => context.endParts(item, call),
        isCompleting: () => setStep('complete'),
      })
    } catch (error) {
      if (!isUploadError(error) || isParts) {
        // S3 says what it really has.
        if (isUploadError(error) && error.retry === 'sign-again') relist(grant)
        throw error
      }
      if (isStale(error)) {
        wasStale = true
        continue
      }
      learn(grant, error, sent, item.size)
      if (signal.aborted) throw error
      if (error.code === 'not-supported' && grant.target.type === 'post' && !isPostRefused) {
        isPostRefused = true
        context.refusePost()
        continue
      }
      if (error.code === 'already-exists' && grant.doubted) {
        // Perhaps it is ours, of a try whose answer was lost.
        grant.unclear = true
        grant.doubted = false
        continue
      }
      // Some stores look at the clock only when the body has arrived (RGW, measured): what ran out on the way gets
      // one longer life. Twice what this try took, for lines that get slower.
      if (error.code !== 'expired' || sent <= 0) throw error
      if (minimumLife !== undefined) throw tooSlow(error)
      minimumLife = Math.ceil(((call.now() - started) / 1000) * 2) + 60
    }
  }
}

/** What a failed try says about the target that it used. */
function learn(grant: HeldGrant, error: UploadError, sent: number, size: number): void {
  const { status = 0 } = error
  // An answer that says no to what was signed: using the same target again would only repeat it.
  if (error.retry === 'sign-again' || (status >= 400 && status < 500) || error.code === 'not-supported')
    grant.freshUntil = 0
  if (status !== 0 || sent < 0) return
  // Progress lags behind: without an answer the object may be there, whatever was seen of it.
  grant.doubted = true
  // A question beforehand is worth its request only where all of it may have gone.
  if (sent === 0 || sent >= size) grant.unclear = true
}

function relist(grant: HeldGrant): void {
  if (grant.target.type !== 'multipart') return
  grant.target = { ...grant.target, stored: 'ask' }
  grant.parts.clear()
}

const tooSlow = (cause: UploadError): UploadError =>
  new UploadError(
    'expired',
    'never',
    'What was signed ran out while the file was on its way, and so did a second one with a longer life. The line is ' +
      "slow, or the signer's clock is off.",
    { cause },
  )
