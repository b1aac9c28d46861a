import { describe, expect, test } from 'vitest'

import {
  announcedNow,
  announcement,
  nothingAnnounced,
} from '../../src/components/upload-announcer/announcement.ts'
import type { UploadItem } from '../../src/core/index.ts'
import { en } from '../../src/i18n/locales/en.ts'
import { stillUploader } from '../../src/testing/still-uploader.ts'
import { errorOf, fileErrors, itemInStatus, itemOf, stored, storedWaiting } from '../fixtures/items.ts'

type Progress = Readonly<Record<string, number>>

const queued = (id: string): UploadItem => itemOf({ status: 'queued' }, { id, name: `${id}.jpg`, size: 100 })
const uploading = (id: string): UploadItem => ({ ...queued(id), status: 'uploading' })
const success = (id: string): UploadItem => ({ ...queued(id), status: 'success', stored, result: undefined })
const failed = (id: string): UploadItem => ({
  ...queued(id),
  status: 'error',
  step: 'transfer',
  error: errorOf('network'),
})
const rejected = (id: string): UploadItem => ({
  ...queued(id),
  status: 'rejected',
  errors: [fileErrors['file-invalid-type']],
})

/** What is said when the list goes from one state to the other. */
const said = (
  before: { items: readonly UploadItem[]; progress?: Progress } | undefined,
  after: { items: readonly UploadItem[]; progress?: Progress },
): string =>
  announcement(before ? announcedNow(stillUploader(before)) : nothingAnnounced, stillUploader(after), en)

describe('announcement', () => {
  test('files that come together are one sentence', () => {
    expect(said(undefined, { items: [queued('a'), queued('b')] })).toBe('2 files added.')
  })

  test('a refused file is named with its reason; many are a number', () => {
    expect(said(undefined, { items: [rejected('a')] })).toBe(
      'a.jpg not added. This type of file is not accepted. Choose images or PDF.',
    )
    expect(said(undefined, { items: ['a', 'b', 'c', 'd'].map(rejected) })).toBe('4 files not added.')
  })

  test('progress is read out by quarters, not by percent', () => {
    const at = (loaded: number) => ({ items: [uploading('a')], progress: { a: loaded } })
    expect(said(at(0), at(10))).toBe('')
    expect(said(at(10), at(26))).toBe('26% uploaded.')
    expect(said(at(26), at(49))).toBe('')
    expect(said(at(49), at(80))).toBe('80% uploaded.')
    expect(said(at(80), at(99))).toBe('')
  })

  test('a wait for the app is no news, and no end', () => {
    const [waits, asks] = [storedWaiting, { ...itemInStatus.processing, id: storedWaiting.id }]
    expect(said({ items: [asks] }, { items: [waits] })).toBe('')
    expect(said({ items: [waits] }, { items: [asks] })).toBe('')
    expect(said({ items: [waits] }, { items: [{ ...itemInStatus.success, id: waits.id }] })).toBe(
      'Done. 1 file uploaded.',
    )
  })

  test('a failure is named, with its reason, while others go on', () => {
    expect(said({ items: [uploading('a'), uploading('b')] }, { items: [failed('a'), uploading('b')] })).toBe(
      'a.jpg failed. The connection was lost. Check your internet connection, then try again.',
    )
  })

  test('the end counts all', () => {
    expect(said({ items: [success('a'), uploading('b')] }, { items: [success('a'), success('b')] })).toBe(
      'Done. 2 files uploaded.',
    )
    expect(said({ items: [success('a'), uploading('b')] }, { items: [success('a'), failed('b')] })).toMatch(
      /^b\.jpg failed\. .+ Done\. 1 file uploaded, 1 failed\.$/,
    )
  })

  test('silence where nothing happened, and when a user takes files away', () => {
    expect(said({ items: [success('a')] }, { items: [success('a')] })).toBe('')
    expect(said({ items: [success('a'), failed('b')] }, { items: [success('a')] })).toBe('')
    expect(said({ items: [uploading('a')] }, { items: [itemOf({ status: 'canceled' }, { id: 'a' })] })).toBe(
      '',
    )
  })
})
