/** Ways to bring one item into each status. */
import type { UploadStatus } from '../../../src/core/index.ts'
import { UploadError } from '../../../src/core/index.ts'
import { bench, errorAnswer, first, patternFile, serve } from '../../support/engine.ts'
import type { Bench } from '../../support/engine.ts'
import { partBench } from './part-store.ts'

/** An engine with one item. */
export type Placed = Bench & { id: string }

const no = new UploadError('refused', 'never', 'no')
const never = (): Promise<never> => new Promise(() => undefined)
const add = (it: Bench, size = 4): Placed => ({
  ...it,
  id: first(it.uploader.add(patternFile('a', size))).id,
})

/** By name: the status that it comes to by itself, and how it is set going. */
export const states: Readonly<Record<string, readonly [UploadStatus, () => Promise<Placed> | Placed]>> = {
  queued: ['queued', () => add(bench({ autoStart: false }))],
  preparing: ['preparing', () => add(bench({}, { grant: never }))],
  uploading: [
    'uploading',
    async () => {
      const it = add(bench())
      await it.transport.next()
      return it
    },
  ],
  waiting: [
    'waiting',
    async () => {
      const it = add(bench({ retry: 5, retryDelay: 60_000 }))
      ;(await it.transport.next()).fail()
      return it
    },
  ],
  'paused before its first grant': [
    'paused',
    () => {
      const it = add(bench({ autoStart: false }))
      it.uploader.pause(it.id)
      return it
    },
  ],
  'paused after it': [
    'paused',
    async () => {
      const it = add(bench())
      await it.transport.next()
      it.uploader.pause(it.id)
      return it
    },
  ],
  processing: [
    'processing',
    async () => {
      const it = add(bench({}, { confirm: never }))
      ;(await it.transport.next()).respond()
      return it
    },
  ],
  'waiting for the app': [
    'waiting',
    async () => {
      let tries = 0
      const later = new UploadError('signer-failed', 'later', 'down')
      const confirm = (): Promise<never> => (++tries === 1 ? Promise.reject(later) : never())
      const it = add(bench({ retry: 5, retryDelay: 60_000 }, { confirm }))
      ;(await it.transport.next()).respond()
      return it
    },
  ],
  success: [
    'success',
    async () => {
      const it = add(bench())
      ;(await it.transport.next()).respond()
      return it
    },
  ],
  'error at prepare': ['error', () => add(bench({}, { grant: () => ({ ok: false, error: no }) }))],
  'error at transfer': [
    'error',
    async () => {
      const it = add(bench())
      ;(await it.transport.next()).respond(errorAnswer(403, 'AccessDenied'))
      return it
    },
  ],
  'error at complete': [
    'error',
    () => {
      const it = partBench({}, { multipart: () => ({ complete: () => Promise.reject(no) }) })
      serve(it.transport, it.take)
      return add(it, 20)
    },
  ],
  'error at confirm': [
    'error',
    async () => {
      let tries = 0
      const confirm = (): Promise<never> => (++tries === 1 ? Promise.reject(no) : never())
      const it = add(bench({}, { confirm }))
      ;(await it.transport.next()).respond()
      return it
    },
  ],
  canceled: [
    'canceled',
    () => {
      const it = add(bench({ autoStart: false }))
      it.uploader.cancel(it.id)
      return it
    },
  ],
  rejected: ['rejected', () => add(bench({ maxSize: 3 }))],
}
