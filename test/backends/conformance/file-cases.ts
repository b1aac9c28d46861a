/** Files that go in one piece. */
import { describe, expect, test } from 'vitest'

import type { UploadRequest } from '../../../src/core/index.ts'
import { patternFile } from '../../support/engine.ts'
import type { BackendTraits, Play } from './index.ts'
import { asking, grantFor } from './stage.ts'

const foreign: readonly unknown[] = [undefined, 0, '', true, [], {}, [{}], { ref: 1 }, { key: 7 }]

export function fileCases(traits: BackendTraits, play: Play): void {
  describe('files', () => {
    test.each([0, 1, 100_000])('%d bytes arrive under the key that was granted', (size) =>
      play(async (stage) => {
        const file = patternFile('one (1) + ü.bin', size)
        const { succeeded } = await stage.upload([file])
        const [object] = await stage.objects()
        expect(succeeded).toMatchObject([{ status: 'success', stored: { key: object?.key } }])
        await stage.expectStored([file])
      })(),
    )

    test(
      'several files: one question for each, no more in a call than the backend takes',
      play(async (stage) => {
        const files = Array.from({ length: 7 }, (_, at) => patternFile(`${at}.bin`, 100 + at, at))
        const { succeeded } = await stage.upload(files)
        expect(succeeded).toHaveLength(7)
        await stage.expectStored(files)
        const sizes = stage.app.of('create').map((one) => one.files)
        expect(Math.max(...sizes)).toBeLessThanOrEqual(stage.backend.batchSize)
        expect(sizes.reduce((sum, one) => sum + one, 0)).toBe(7)
        expect(sizes.length).toBeLessThan(stage.backend.batchSize >= 7 ? 7 : 8)
      }),
    )

    test.runIf(traits.leavesTrace)(
      'a file whose question leaves a trace is not asked for before its turn',
      play(async (stage) => {
        const files = Array.from({ length: 4 }, (_, at) => patternFile(`${at}.bin`, 100, at))
        const early = files.filter((file) => stage.backend.signsAhead(asking(file)))
        expect(early).toEqual([])
        stage.app.observe = () => stage.count('PostObject')
        const { succeeded } = await stage.upload(files, { concurrency: 1 })
        expect(succeeded).toHaveLength(4)
        expect(stage.app.of('create').map(({ seen }) => seen)).toEqual([0, 1, 2, 3])
      }),
    )

    test(
      'what ran out on the way is asked for again, for the same object',
      play(async (stage) => {
        const { backend, s3 } = stage
        const asked: UploadRequest[] = []
        const watched = {
          ...backend,
          createUploads: ((files, call) => {
            asked.push(...files)
            return backend.createUploads(files, call)
          }) satisfies typeof backend.createUploads,
        }
        s3.faults.add({ fault: { type: 'expired' }, on: 'PostObject', times: 1 })
        const file = patternFile('a.bin', 100)
        const { succeeded } = await stage.upload([file], { backend: watched })
        expect(succeeded).toHaveLength(1)
        expect(asked.map(({ reason }) => reason)).toEqual(['first', 'renew'])
        await stage.expectStored([file])
        const keys = new Set(stage.granted.map(({ key }) => key))
        expect(keys.size).toBe(traits.keepsKey === 'never' ? 2 : 1)
      }),
    )

    test(
      'an answer of S3 that is lost makes no second object',
      play(async (stage) => {
        stage.s3.faults.add({ fault: { type: 'lost-answer' }, on: 'PostObject', times: 1 })
        const file = patternFile('a.bin', 100)
        const { succeeded } = await stage.upload([file])
        expect(succeeded).toHaveLength(1)
        await stage.expectStored([file])
      }),
    )

    test.runIf(traits.refuses)(
      'one that the server refuses says why, and the others go on',
      play(async (stage) => {
        const { name = '', userMessage } = traits.refuses ?? {}
        const files = [patternFile('a.bin', 10), patternFile(name, 10, 1), patternFile('b.bin', 10, 2)]
        const { succeeded, failed } = await stage.upload(files)
        expect(succeeded.map((item) => item.name)).toEqual(['a.bin', 'b.bin'])
        expect(failed).toMatchObject([
          { name, step: 'prepare', error: { code: 'refused', retry: 'never', userMessage } },
        ])
        expect(stage.app.of('create').reduce((sum, one) => sum + one.files, 0)).toBe(3)
        await stage.expectStored(files.filter((file) => file.name !== name))
      }),
    )

    test(
      'a ref survives JSON and its own check, what is foreign does not',
      play(async ({ backend, ...stage }) => {
        const { ref } = await grantFor({ backend, ...stage }, patternFile('a.bin', 10))
        expect(backend.parseRef(JSON.parse(JSON.stringify(ref)))).toEqual(ref)
        for (const value of foreign) {
          const parsed = backend.parseRef(value)
          expect([value, parsed]).toEqual([value, traits.hasNoRef ? null : undefined])
        }
      }),
    )
  })
}
