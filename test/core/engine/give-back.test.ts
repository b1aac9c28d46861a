/** Cancel and remove, in any state, leave no upload in parts on the server. */
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'

import type { UploadStatus } from '../../../src/core/index.ts'
import { UploadError } from '../../../src/core/index.ts'
import {
  errorAnswer,
  eventually,
  first,
  loadChunks,
  patternFile,
  quiet,
  serve,
} from '../../support/engine.ts'
import { partBench } from './part-store.ts'
import type { PartBench, PartStoreOptions } from './part-store.ts'

beforeAll(loadChunks)
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const down = (): UploadError => new UploadError('signer-failed', 'later', 'down')
const denied = errorAnswer(403, 'AccessDenied', 'Access Denied')

/** Uploads in parts, brought to a state in which one of them is begun on the server. */
const states: readonly [string, UploadStatus, (it: PartBench) => Promise<unknown>, PartStoreOptions?][] = [
  ['while parts are under way', 'uploading', async ({ transport }) => transport.next()],
  [
    'while it is being completed',
    'uploading',
    async ({ transport, take, world }) => {
      serve(transport, take)
      await eventually(() => world.uploads.get('u1')?.size === 3)
      await quiet()
    },
    { multipart: () => ({ complete: () => new Promise(() => undefined) }) },
  ],
  ['while it waits', 'waiting', async ({ transport }) => serve(transport, (part) => part.fail())],
  [
    'while it is paused',
    'paused',
    async ({ transport, take, uploader }) => {
      take(await transport.next())
      uploader.pause()
    },
  ],
  ['after it failed', 'error', async ({ transport }) => serve(transport, (part) => part.respond(denied))],
]

describe.each(['cancel', 'remove'] as const)('%s', (command) => {
  const isOff = ({ uploader }: PartBench, id: string): void => {
    if (command === 'cancel') expect(uploader.getItem(id)?.status).toBe('canceled')
    else expect(uploader.getIds()).toEqual([])
  }

  test.each(states)('%s: the upload is aborted, once', async (_when, status, bring, options) => {
    const it = partBench({ retry: 5, retryDelay: 60_000 }, options)
    const { id } = first(it.uploader.add(patternFile('a', 30)))
    await bring(it)
    await it.until(id, status)
    it.uploader[command](id)
    isOff(it, id)
    await quiet()
    expect(it.transport.open()).toEqual([])
    expect([...it.world.uploads.keys()]).toEqual([])
    expect(it.log.filter((what) => what.startsWith('abort'))).toEqual(['abort u1'])
    it.uploader.remove(id)
    await quiet()
    expect(it.log.filter((what) => what.startsWith('abort'))).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('during its creation: the grant that arrives late is aborted', async () => {
    let arrive: (() => void) | undefined
    const it = partBench(
      {},
      {
        script: {
          grant: ({ id }) =>
            new Promise((resolve) => {
              arrive = () => {
                it.world.uploads.set('late', new Map())
                const ref = { key: id, uploadId: 'late' }
                resolve({ ok: true, ref, target: { type: 'multipart', partSize: 10, stored: [] } })
              }
            }),
        },
      },
    )
    const { id } = first(it.uploader.add(patternFile('a', 30)))
    await eventually(() => arrive !== undefined)
    it.uploader[command](id)
    isOff(it, id)
    await quiet()
    expect(it.log).toEqual([])
    arrive?.()
    await quiet()
    expect(it.log).toEqual(['abort late'])
    expect(it.world.uploads.size).toBe(0)
    expect(it.transport.requests).toEqual([])
  })

  test('after a creation whose answer was lost: it is asked for again, and aborted', async () => {
    let calls = 0
    const it = partBench(
      {},
      {
        script: {
          grant({ id }) {
            it.world.uploads.set('unheard', new Map()) // one per id: creation is idempotent
            if (++calls === 1) throw down()
            const ref = { key: id, uploadId: 'unheard' }
            return { ok: true, ref, target: { type: 'multipart', partSize: 10, stored: [] } }
          },
        },
      },
    )
    const { id } = first(it.uploader.add(patternFile('a', 30)))
    await it.until(id, 'error')
    it.uploader[command](id)
    await quiet()
    expect(it.log).toEqual(['abort unheard'])
    expect(it.backend.calls).toMatchObject([[{ id }], [{ id, reason: 'first' }]])
    expect(it.world.uploads.size).toBe(0)
  })

  test('the same where the signer is still down when it is said', async () => {
    let isDown = true
    const it = partBench(
      { retry: false },
      {
        script: {
          grant({ id }) {
            it.world.uploads.set('unheard', new Map())
            if (isDown) throw down()
            const ref = { key: id, uploadId: 'unheard' }
            return { ok: true, ref, target: { type: 'multipart', partSize: 10, stored: [] } }
          },
        },
      },
    )
    const { id } = first(it.uploader.add(patternFile('a', 30)))
    await it.until(id, 'error')
    it.uploader[command](id)
    await quiet()
    isDown = false
    await vi.advanceTimersByTimeAsync(60_000)
    await quiet()
    expect(it.world.uploads.size).toBe(0)
  })

  test('an abort that fails is tried again until it is heard', async () => {
    let calls = 0
    const it = partBench(
      {},
      {
        multipart: ({ abort }) => ({
          async abort(...args) {
            if (++calls < 4) throw down()
            return abort(...args)
          },
        }),
      },
    )
    const { id } = first(it.uploader.add(patternFile('a', 30)))
    await it.transport.next()
    it.uploader[command](id)
    await quiet()
    for (let round = 0; round < 4; round++) {
      await vi.advanceTimersByTimeAsync(8000)
      await quiet()
    }
    expect(calls).toBe(4)
    expect(it.world.uploads.size).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })
})
