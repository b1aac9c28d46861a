import { describe, expect, test } from 'vitest'

import { UploadError } from '../../src/core/index.ts'
import type { UploadItem, UploadItemState, UploadStatus } from '../../src/core/index.ts'
import type { UploadItemEvent } from '../../src/core/item-reducer.ts'
import { isConfirming, transition } from '../../src/core/item-reducer.ts'

const error = new UploadError('network', 'later', 'no answer')
const stored = { location: 'https://bucket.test/a', key: 'a' }

const states: { readonly [S in UploadStatus]: Extract<UploadItemState, { status: S }> } = {
  queued: { status: 'queued' },
  preparing: { status: 'preparing' },
  uploading: { status: 'uploading' },
  waiting: { status: 'waiting', reason: 'backoff', until: 5 },
  paused: { status: 'paused', reason: 'user' },
  processing: { status: 'processing', stored },
  success: { status: 'success', stored, result: { id: 7 } },
  error: { status: 'error', step: 'transfer', error },
  canceled: { status: 'canceled' },
  rejected: { status: 'rejected', errors: [] },
  remote: { status: 'remote', stored },
}

const itemIn = (state: UploadItemState, facts: Partial<UploadItem> = {}): UploadItem => ({
  id: '1',
  file: new File(['four'], 'a.txt'),
  name: 'a.txt',
  size: 4,
  type: 'text/plain',
  lastModified: 0,
  relativePath: undefined,
  options: undefined,
  record: undefined,
  canResume: false,
  ...facts,
  ...state,
})

type Command = 'pause' | 'resume' | 'cancel' | 'retry' | 'rename'
const commands: { readonly [C in Command]: Extract<UploadItemEvent, { type: C }> } = {
  pause: { type: 'pause', reason: 'user' },
  resume: { type: 'resume' },
  cancel: { type: 'cancel' },
  retry: { type: 'retry' },
  rename: { type: 'rename', name: 'b.txt' },
}

// DESIGN's table of commands in each status. '-': the command passes the item over. `remove` is the uploader's.
const table: { readonly [S in UploadStatus]: { readonly [C in Command]: UploadStatus | 'renamed' | '-' } } = {
  queued: { pause: 'paused', resume: '-', cancel: 'canceled', retry: '-', rename: 'renamed' },
  preparing: { pause: 'paused', resume: '-', cancel: 'canceled', retry: '-', rename: '-' },
  uploading: { pause: 'paused', resume: '-', cancel: 'canceled', retry: '-', rename: '-' },
  waiting: { pause: 'paused', resume: 'queued', cancel: 'canceled', retry: 'queued', rename: '-' },
  paused: { pause: '-', resume: 'queued', cancel: 'canceled', retry: '-', rename: 'renamed' },
  processing: { pause: '-', resume: '-', cancel: '-', retry: '-', rename: '-' },
  success: { pause: '-', resume: '-', cancel: '-', retry: '-', rename: '-' },
  error: { pause: '-', resume: '-', cancel: 'canceled', retry: 'queued', rename: '-' },
  canceled: { pause: '-', resume: '-', cancel: '-', retry: 'queued', rename: 'renamed' },
  rejected: { pause: '-', resume: '-', cancel: '-', retry: '-', rename: '-' },
  remote: { pause: '-', resume: '-', cancel: '-', retry: '-', rename: '-' },
}

const statuses = Object.keys(states) as UploadStatus[]
const names = Object.keys(commands) as Command[]

describe('a command in a status', () => {
  for (const status of statuses)
    for (const name of names) {
      const wanted = table[status][name]
      test(`${name} in ${status}: ${wanted}`, () => {
        const before = itemIn(states[status])
        const after = transition(before, commands[name])
        const what = after === before ? '-' : after.name === 'b.txt' ? 'renamed' : after.status
        expect(what).toBe(wanted)
      })
    }
})

describe('what waits with its bytes in S3', () => {
  const waits = itemIn({ status: 'waiting', reason: 'backoff', until: 5, error, stored })

  test('keeps where they are, from the moment that it has to wait', () => {
    const event = { type: 'wait', reason: 'offline', error } as const
    const after = transition(itemIn(states.processing), event)
    expect(after).toMatchObject({ status: 'waiting', reason: 'offline', error, stored })
    expect(transition(itemIn(states.uploading), event)).not.toHaveProperty('stored')
  })

  test.each([{ type: 'continue' }, commands.resume, commands.retry] as const)(
    'goes on by asking the app again, with or without a file: $type',
    (event) => {
      for (const item of [waits, { ...waits, file: undefined }]) {
        const after = transition(item, event)
        expect(after).toMatchObject({ status: 'processing', stored })
        for (const word of ['reason', 'until', 'error']) expect(after).not.toHaveProperty(word)
      }
    },
  )

  test.each([commands.pause, commands.cancel, commands.rename])(
    'is as deaf as processing: $type',
    (event) => {
      expect(transition(waits, event)).toBe(waits)
    },
  )

  test('is told apart from what waits before', () => {
    expect(isConfirming(waits)).toBe(true)
    expect(isConfirming(itemIn(states.processing))).toBe(true)
    for (const status of ['waiting', 'uploading', 'success', 'error', 'remote'] as const)
      expect(isConfirming(itemIn(states[status]))).toBe(false)
    expect(isConfirming(itemIn({ status: 'error', step: 'confirm', error, stored }))).toBe(false)
  })
})

describe('retry goes on from the step that failed', () => {
  test.each(['prepare', 'transfer', 'complete'] as const)('%s: queued', (step) => {
    expect(transition(itemIn({ status: 'error', step, error }), commands.retry).status).toBe('queued')
  })

  test('confirm: the bytes are stored, only the app is told again', () => {
    const before = itemIn({ status: 'error', step: 'confirm', error, stored })
    expect(transition(before, commands.retry)).toMatchObject({ status: 'processing', stored })
  })

  test('a failure to confirm keeps where the bytes are', () => {
    const after = transition(itemIn(states.processing), { type: 'fail', step: 'confirm', error })
    expect(after).toMatchObject({ status: 'error', step: 'confirm', stored })
  })
})

test('what has no file yet goes on only with one', () => {
  const lost = itemIn({ status: 'paused', reason: 'needs-file' }, { file: undefined })
  expect(transition(lost, commands.resume)).toBe(lost)
  const file = new File(['four'], 'a.txt')
  expect(transition(lost, { type: 'attach', file })).toMatchObject({ status: 'queued', file })
  const canceled = itemIn(states.canceled, { file: undefined })
  expect(transition(canceled, commands.retry)).toBe(canceled)
})

describe('rename', () => {
  test('is possible after a refusal to grant, since the server holds nothing under the old name', () => {
    const before = itemIn({ status: 'error', step: 'prepare', error })
    expect(transition(before, commands.rename)).toMatchObject({ name: 'b.txt', status: 'error', error })
  })

  test('is too late for a paused item that was granted before', () => {
    const before = itemIn(states.paused, { record: { image: 1 } })
    expect(transition(before, commands.rename)).toBe(before)
  })
})

describe('news of the engine', () => {
  const news: readonly [UploadStatus, UploadItemEvent, UploadStatus][] = [
    ['queued', { type: 'prepare' }, 'preparing'],
    ['uploading', { type: 'prepare' }, 'preparing'],
    ['preparing', { type: 'grant', record: { id: 1 }, canResume: true }, 'uploading'],
    ['uploading', { type: 'store', stored }, 'processing'],
    ['processing', { type: 'succeed', result: 1 }, 'success'],
    ['uploading', { type: 'wait', reason: 'offline' }, 'waiting'],
    ['waiting', { type: 'continue' }, 'queued'],
    ['uploading', { type: 'fail', step: 'transfer', error }, 'error'],
  ]
  test.each(news)('%s, %o: %s', (status, event, wanted) => {
    expect(transition(itemIn(states[status]), event).status).toBe(wanted)
  })

  test('a grant brings the record and whether a pause keeps what was sent', () => {
    const event = { type: 'grant', record: { id: 1 }, canResume: true } as const
    expect(transition(itemIn(states.preparing), event)).toMatchObject({ record: { id: 1 }, canResume: true })
  })

  test.each(['canceled', 'paused', 'success', 'rejected'] as const)(
    'late news do not wake a %s item',
    (status) => {
      const item = itemIn(states[status])
      const late: UploadItemEvent[] = [
        { type: 'grant', record: 1, canResume: false },
        { type: 'store', stored },
        { type: 'fail', step: 'transfer', error },
      ]
      for (const event of late) expect(transition(item, event)).toBe(item)
    },
  )

  test('what belongs to one status does not leak into the next', () => {
    const after = transition(itemIn(states.error), { type: 'retry' })
    expect(after).not.toHaveProperty('error')
    expect(after).not.toHaveProperty('step')
  })
})
