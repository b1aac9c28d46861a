/** The app's server hears of what is stored. */
import { describe, expect, test } from 'vitest'

import type { Uploader, UploadItem } from '../../../src/core/index.ts'
import { patternFile } from '../../support/engine.ts'
import type { BackendTraits, Play } from './index.ts'

export function confirmCases({ confirms }: BackendTraits, play: Play): void {
  if (!confirms) return
  describe('the confirmation', () => {
    const uploadOne = async (uploader: Uploader): Promise<UploadItem | undefined> => {
      const [item] = uploader.add(patternFile('a.bin', 10))
      await uploader.whenSettled()
      return item && uploader.getItem(item.id)
    }

    test(
      'is sent once, and its failure repeats nothing else',
      play(async (stage) => {
        stage.app.fail('confirm', { status: 500 })
        expect(await uploadOne(stage.engine())).toMatchObject({ status: 'success' })
        expect(stage.app.of('confirm')).toHaveLength(2)
        expect(stage.app.of('create')).toHaveLength(1)
        expect(stage.count('PostObject')).toBe(1)
      }),
    )

    test(
      'its refusal says why; a retry sends it alone',
      play(async (stage) => {
        stage.app.fail('confirm', confirms.refusal)
        const uploader = stage.engine()
        const item = await uploadOne(uploader)
        expect(item).toMatchObject({
          status: 'error',
          step: 'confirm',
          error: { code: 'confirm-failed', userMessage: confirms.userMessage },
          stored: { key: stage.granted[0]?.key },
        })
        uploader.retryAll()
        const { succeeded } = await uploader.whenSettled()
        expect(succeeded).toHaveLength(1)
        expect(stage.app.of('confirm')).toHaveLength(2)
        expect(stage.count('PostObject')).toBe(1)
      }),
    )

    test(
      'its login is asked for, too',
      play(async (stage) => {
        stage.app.fail('confirm', { status: 401 })
        expect(await uploadOne(stage.engine())).toMatchObject({
          status: 'error',
          step: 'confirm',
          error: { code: 'unauthorized' },
        })
      }),
    )
  })
}
