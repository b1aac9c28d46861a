/**
 * The state machine of one item, pure. An event that does not fit the status leaves the item as it is (the same
 * object), which is how commands pass over items they do not apply to.
 */
import type { UploadError } from './errors.ts'
import type { StoredObject } from './ports.ts'
import type {
  FileError,
  UploadItem,
  UploadItemFacts,
  UploadItemState,
  UploadStatus,
  UploadStep,
} from './types.ts'

type PauseReason = Extract<UploadItem, { status: 'paused' }>['reason']

/** What can happen to an item: the first group are commands, the second is the engine's news. */
export type UploadItemEvent =
  | { type: 'pause'; reason: PauseReason }
  | { type: 'resume' }
  | { type: 'cancel' }
  | { type: 'retry' }
  | { type: 'rename'; name: string }
  | { type: 'prepare' }
  /** Gives up its slot to another, and goes on behind it. */
  | { type: 'yield' }
  /** A check or `beforeUpload` does not want it. */
  | { type: 'reject'; errors: readonly FileError[] }
  /** `beforeUpload` or the app changes what the backend is told. */
  | { type: 'change'; name?: string; options?: unknown }
  /** The engine cannot go on by itself. */
  | { type: 'hold'; reason: PauseReason; error?: UploadError }
  /** The file of an earlier visit was given again. */
  | { type: 'attach'; file: File }
  | { type: 'grant'; record: unknown; canResume: boolean }
  | { type: 'wait'; reason: 'offline' | 'backoff'; until?: number; error?: UploadError }
  | { type: 'continue' }
  | { type: 'store'; stored: StoredObject }
  /** An earlier visit had sent all of it. */
  | { type: 'recall'; stored: StoredObject }
  | { type: 'succeed'; result: unknown }
  | { type: 'fail'; step: UploadStep; error: UploadError }

type EventType = UploadItemEvent['type']

/** Statuses in which an event means something; in any other one it is passed over. */
const fits: { readonly [E in EventType]: readonly UploadStatus[] } = {
  pause: ['queued', 'preparing', 'uploading', 'waiting'],
  resume: ['paused', 'waiting'],
  cancel: ['queued', 'preparing', 'uploading', 'waiting', 'paused', 'error'],
  retry: ['error', 'canceled', 'waiting'],
  rename: ['queued', 'canceled', 'paused', 'error'],
  // From `uploading` too: a target that ran out on the way is asked for again.
  prepare: ['queued', 'preparing', 'uploading'],
  yield: ['preparing', 'uploading'],
  // From `paused` and `canceled` too: a verdict that comes late holds for what is done with the file later.
  reject: ['queued', 'preparing', 'paused', 'canceled'],
  change: ['queued', 'preparing', 'canceled', 'paused', 'error'],
  hold: ['queued', 'preparing', 'uploading', 'paused'],
  attach: ['paused'],
  grant: ['preparing'],
  // From `processing` too: the app's server cannot be told just now.
  wait: ['queued', 'preparing', 'uploading', 'processing'],
  continue: ['waiting'],
  // From `preparing` too: it turned out to be there already.
  store: ['preparing', 'uploading'],
  recall: ['paused'],
  succeed: ['processing'],
  // From `paused` too: of an earlier visit, without its file.
  fail: ['queued', 'preparing', 'uploading', 'processing', 'waiting', 'paused'],
}

/** Is all of it in S3, and only the app's server still to be told? Then nobody takes it back. */
export const isConfirming = (item: UploadItem): boolean =>
  item.status === 'processing' || (item.status === 'waiting' && item.stored !== undefined)

function stateAfter(
  item: UploadItem,
  event: Exclude<UploadItemEvent, { type: 'rename' | 'change' }>,
): UploadItemState | undefined {
  const stored = 'stored' in item ? item.stored : undefined
  // Bytes that are stored are not sent again: only the app is told.
  const next: UploadItemState = stored ? { status: 'processing', stored } : { status: 'queued' }
  switch (event.type) {
    case 'pause':
      return { status: 'paused', reason: event.reason }
    case 'hold': {
      const { type: _type, ...why } = event
      return { status: 'paused', ...why }
    }
    case 'resume':
    case 'retry':
      // What has no file yet cannot go on.
      return item.file || stored ? next : undefined
    case 'attach':
    case 'continue':
    case 'yield':
      return next
    case 'reject':
      return { status: 'rejected', errors: event.errors }
    case 'cancel':
      return { status: 'canceled' }
    case 'prepare':
      return item.status === 'preparing' ? undefined : { status: 'preparing' }
    case 'grant':
      return { status: 'uploading' }
    case 'wait': {
      const { type: _type, ...why } = event
      return { status: 'waiting', ...why, ...(stored && { stored }) }
    }
    case 'store':
    case 'recall':
      return { status: 'processing', stored: event.stored }
    case 'succeed':
      return stored && { status: 'success', stored, result: event.result }
    case 'fail':
      // What fails late does not wake a paused file; one that is gone with its page has nothing to wake.
      if (item.status === 'paused' && item.file) return undefined
      return {
        status: 'error',
        step: event.step,
        error: event.error,
        // Where another step is to be done again, they are not there any more.
        ...(stored && event.step === 'confirm' && { stored }),
      }
  }
}

/**
 * A name can change until the server has heard it: before the first grant, or after a failure to get one.
 * `canceled` counts as anew: its next run asks again.
 */
function canRename(item: UploadItem): boolean {
  if (item.status === 'queued' || item.status === 'canceled') return true
  if (item.status === 'paused') return item.record === undefined
  return item.status === 'error' && item.step === 'prepare'
}

/** The item after the event: a new one, or the same object where the event does not fit its status. */
export function transition(item: UploadItem, event: UploadItemEvent): UploadItem {
  if (!fits[event.type].includes(item.status)) return item
  if ((event.type === 'pause' || event.type === 'cancel') && isConfirming(item)) return item
  if (event.type === 'rename') return canRename(item) ? { ...item, name: event.name } : item
  if (event.type === 'change') {
    const { type: _type, ...changes } = event
    return { ...item, ...changes }
  }
  const state = stateAfter(item, event)
  return state ? { ...factsOf(item, event), ...state } : item
}

function factsOf(item: UploadItem, event: UploadItemEvent): UploadItemFacts {
  const { id, file, name, size, type, lastModified, relativePath, options, record, canResume } = item
  const facts = { id, file, name, size, type, lastModified, relativePath, options, record, canResume }
  if (event.type === 'grant') return { ...facts, record: event.record, canResume: event.canResume }
  if (event.type === 'attach') return { ...facts, file: event.file }
  return facts
}
