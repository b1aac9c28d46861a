import { describe, expect, test } from 'vitest'

import { actionsOf } from '../../src/components/upload-list/item/actions-of.ts'
import { plainName, shortName } from '../../src/components/upload-list/item/short-name.ts'
import type { UploadItem } from '../../src/core/index.ts'
import type { UploadItemEvent } from '../../src/core/item-reducer.ts'
import { isConfirming, transition } from '../../src/core/item-reducer.ts'
import type { ItemAction } from '../../src/i18n/messages.ts'
import { awkwardNames, errorOf, itemInStatus, itemOf, stored, storedWaiting } from '../fixtures/items.ts'

const events: Readonly<Record<ItemAction, UploadItemEvent | undefined>> = {
  pause: { type: 'pause', reason: 'user' },
  resume: { type: 'resume' },
  startOver: { type: 'resume' },
  continue: { type: 'hold', reason: 'needs-permission' },
  chooseFile: { type: 'attach', file: new File([], 'a') },
  cancel: { type: 'cancel' },
  retry: { type: 'retry' },
  remove: undefined, // no event: the item is gone
}

/** Does the engine do anything when this is asked of it? */
const obeys = (item: UploadItem, action: ItemAction): boolean => {
  const event = events[action]
  return event ? transition(item, event) !== item : !isConfirming(item)
}

const items: readonly UploadItem[] = [
  ...Object.values(itemInStatus),
  ...Object.values(itemInStatus).map((item) => ({ ...item, canResume: true })),
  itemOf({ status: 'paused', reason: 'needs-file' }, { canResume: true, file: undefined }),
  itemOf({ status: 'paused', reason: 'needs-permission' }, { canResume: true, file: undefined }),
  itemOf({ status: 'paused', reason: 'other-tab' }, { canResume: true, file: undefined }),
  itemOf({ status: 'canceled' }, { file: undefined }),
  itemOf({ status: 'error', step: 'transfer', error: errorOf('confirm-failed') }, { file: undefined }),
  itemOf({ status: 'error', step: 'confirm', error: errorOf('network'), stored }, { file: undefined }),
  storedWaiting,
  { ...storedWaiting, canResume: true, file: undefined },
]

describe('actions', () => {
  test.each(items)('the engine obeys each one offered while $status (canResume: $canResume)', (item) => {
    expect(actionsOf(item).filter((action) => !obeys(item, action))).toEqual([])
  })

  test('what is stored and waits for the app can be hastened, and nothing else', () => {
    expect(actionsOf({ ...storedWaiting, canResume: true })).toEqual(['retry'])
  })

  test('every row has a way out, but those of which only the app has to hear', () => {
    for (const item of items) {
      const out = actionsOf(item).some((action) => action === 'cancel' || action === 'remove')
      expect(out).toBe(!isConfirming(item))
    }
  })

  test('a pause that loses what was sent is not offered, and going on says that it begins anew', () => {
    expect(actionsOf(itemOf({ status: 'uploading' }))).toEqual(['cancel'])
    expect(actionsOf(itemOf({ status: 'uploading' }, { canResume: true }))).toEqual(['pause', 'cancel'])
    expect(actionsOf(itemOf({ status: 'paused', reason: 'user' }))).toEqual(['startOver', 'cancel'])
    expect(actionsOf(itemOf({ status: 'paused', reason: 'user' }, { canResume: true }))).toEqual([
      'resume',
      'cancel',
    ])
  })

  test('no retry where the file itself is at fault', () => {
    const failed = (code: 'file-too-large' | 'network'): UploadItem =>
      itemOf({ status: 'error', step: 'prepare', error: errorOf(code) })
    expect(actionsOf(failed('file-too-large'))).toEqual(['remove'])
    expect(actionsOf(failed('network'))).toEqual(['retry', 'remove'])
    expect(actionsOf({ ...failed('network'), file: undefined })).toEqual(['remove'])
  })
})

describe('names', () => {
  test('a name that fits stays as it is', () => {
    expect(shortName('IMG_2041.jpg')).toBe('IMG_2041.jpg')
  })

  test.each([awkwardNames.long, awkwardNames.unbroken])(
    '%s loses its middle and keeps its extension',
    (name) => {
      const short = shortName(name)
      expect(short).toHaveLength(72)
      expect(short).toContain('…')
      expect(short.slice(-8)).toBe(name.slice(-8))
      expect(short.slice(0, 30)).toBe(name.slice(0, 30))
    },
  )

  test('a cut never splits an emoji', () => {
    const astronaut = '👩🏽‍🚀'
    const short = shortName(`${astronaut.repeat(100)}.png`)
    expect(short.replaceAll(astronaut, '')).toBe('….png')
  })

  test('marks that turn letters around cannot hide an extension', () => {
    expect(plainName(awkwardNames.override)).toBe('invoicefdp.exe')
    expect(plainName(awkwardNames.rightToLeft)).toBe(awkwardNames.rightToLeft)
  })
})
