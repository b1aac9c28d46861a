import { describe, expect, test, vi } from 'vitest'

import type { UploadItem, UploadItemState } from '../../src/core/index.ts'
import { createStore } from '../../src/core/store.ts'
import { manualFrames } from '../support/engine.ts'

const item = (id: string, state: UploadItemState = { status: 'uploading' }, size = 10): UploadItem => ({
  id,
  file: undefined,
  name: id,
  size,
  type: '',
  lastModified: 0,
  relativePath: undefined,
  options: undefined,
  record: undefined,
  canResume: false,
  ...state,
})

describe('publishing', () => {
  test('a thousand writes are one flush, and only touched topics are told', () => {
    const frames = manualFrames()
    const store = createStore(frames.schedule)
    store.put(item('a'))
    store.put(item('b'))
    frames.frame()
    const [a, b, ids] = [vi.fn<() => void>(), vi.fn<() => void>(), vi.fn<() => void>()]
    store.subscribe('progress:a', a)
    store.subscribe('progress:b', b)
    store.subscribe('ids', ids)
    for (let at = 0; at < 1000; at++) store.progress('a', at % 10)
    expect(frames.pending()).toBe(1)
    frames.frame()
    expect(a).toHaveBeenCalledTimes(1)
    expect(b).not.toHaveBeenCalled()
    expect(ids).not.toHaveBeenCalled()
    expect(store.getProgress('a')).toEqual({ loaded: 9, total: 10 })
  })

  test('readers see nothing before the flush, the engine sees it at once', () => {
    const frames = manualFrames()
    const store = createStore(frames.schedule)
    store.put(item('a'))
    expect(store.current('a')?.id).toBe('a')
    expect(store.getItem('a')).toBeUndefined()
    expect(store.getIds()).toEqual([])
    store.flush()
    expect(store.getItem('a')?.id).toBe('a')
    expect(frames.pending()).toBe(0)
  })

  test('snapshots stay the same object until they change', () => {
    const store = createStore(manualFrames().schedule)
    store.put(item('a'))
    store.put(item('b', { status: 'queued' }))
    store.flush()
    const before = [
      store.getIds(),
      store.getItems(),
      store.getIds('uploading'),
      store.getItem('b'),
      store.getProgress('b'),
    ]
    store.progress('a', 5)
    store.flush()
    const after = [
      store.getIds(),
      store.getItems(),
      store.getIds('uploading'),
      store.getItem('b'),
      store.getProgress('b'),
    ]
    for (const [index, snapshot] of after.entries()) expect(snapshot).toBe(before[index])
  })

  test('ids by status follow the items', () => {
    const store = createStore(manualFrames().schedule)
    store.put(item('a'))
    store.put(item('b'))
    store.flush()
    const uploading = vi.fn<() => void>()
    store.subscribe('ids:uploading', uploading)
    expect(store.getIds('uploading')).toEqual(['a', 'b'])
    store.put(item('a', { status: 'canceled' }))
    store.flush()
    expect(uploading).toHaveBeenCalledTimes(1)
    expect(store.getIds('uploading')).toEqual(['b'])
    expect(store.getIds('canceled')).toEqual(['a'])
  })

  test('the same listener twice is two subscriptions', () => {
    const store = createStore(manualFrames().schedule)
    const listener = vi.fn<() => void>()
    const stop = store.subscribe('ids', listener)
    store.subscribe('ids', listener)
    stop()
    store.put(item('a'))
    store.flush()
    expect(listener).toHaveBeenCalledTimes(1)
  })
})

describe('sums', () => {
  const stored = { location: 'x' }

  test('kept without a recount: progress, ends, removals', () => {
    const store = createStore(manualFrames().schedule)
    for (const id of ['a', 'b', 'c']) store.put(item(id))
    store.progress('a', 4)
    store.progress('b', 6)
    store.put(item('b', { status: 'processing', stored }))
    store.put(item('b', { status: 'success', stored, result: undefined }))
    store.put(item('c', { status: 'canceled' }))
    store.flush()
    expect(store.getTotals()).toEqual({ loaded: 14, total: 20, files: 2, succeeded: 1, failed: 0, active: 1 })
    expect(store.getCounts()).toMatchObject({ uploading: 1, success: 1, canceled: 1 })
    for (const id of ['a', 'b', 'c']) store.delete(id)
    store.flush()
    expect(store.getTotals()).toEqual({ loaded: 0, total: 0, files: 0, succeeded: 0, failed: 0, active: 0 })
    expect(Object.values(store.getCounts()).every((count) => count === 0)).toBe(true)
  })

  test('progress never reaches the end before S3 has answered, and none comes after the end', () => {
    const store = createStore(manualFrames().schedule)
    store.put(item('a'))
    store.progress('a', 99)
    store.flush()
    expect(store.getProgress('a').loaded).toBe(9)
    store.put(item('a', { status: 'paused', reason: 'user' }))
    store.progress('a', 5)
    store.flush()
    expect(store.getProgress('a').loaded).toBe(0)
    store.put(item('a', { status: 'processing', stored: { location: 'x' } }))
    store.flush()
    expect(store.getProgress('a').loaded).toBe(10)
  })

  test('the sums never run backwards: bytes that are sent again count once', () => {
    const store = createStore(manualFrames().schedule)
    store.put(item('a'))
    store.progress('a', 6)
    store.put(item('a', { status: 'waiting', reason: 'backoff' }))
    store.flush()
    expect(store.getProgress('a').loaded).toBe(0)
    expect(store.getTotals().loaded).toBe(6)
    store.put(item('a', { status: 'uploading' }))
    store.progress('a', 5)
    expect(store.currentTotals().loaded).toBe(6)
    store.progress('a', 7)
    expect(store.currentTotals().loaded).toBe(7)
    store.put(item('a', { status: 'canceled' }))
    store.put(item('a', { status: 'queued' }))
    expect(store.currentTotals().loaded).toBe(0)
  })

  test('what S3 keeps is what an item goes back to when it stops', () => {
    const store = createStore(manualFrames().schedule)
    store.put(item('a'))
    store.keep('a', 4)
    store.progress('a', 7)
    store.put(item('a', { status: 'paused', reason: 'user' }))
    expect(store.currentProgress('a').loaded).toBe(4)
  })
})
