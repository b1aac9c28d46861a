/**
 * What every backend must do, played with the real engine against the protocol's server and the local S3.
 *
 * @example
 * backendConformance('my system', { keepsKey: 'always' }, (place) => startMySystem(place))
 */
import { afterEach, beforeEach, describe } from 'vitest'

import { startS3Server } from '../../../src/testing/s3-server/index.ts'
import type { AppAnswer } from '../../support/app-server.ts'
import { answerCases } from './answer-cases.ts'
import { confirmCases } from './confirm-cases.ts'
import { fileCases } from './file-cases.ts'
import { partsCases } from './parts-cases.ts'
import type { BackendBench, BenchPlace, Stage } from './stage.ts'
import { openStage } from './stage.ts'

/** In what a backend's system differs from others. */
export interface BackendTraits {
  /**
   * When another target for the same file is for the same key: `always`, where only one ran out (`renewals`), or `never`,
   * since the system chooses a new one with each question.
   */
  readonly keepsKey: 'always' | 'renewals' | 'never'
  /** The name of a file that the bench's server refuses, and what becomes of its words. */
  readonly refuses?: { readonly name: string; readonly userMessage?: string }
  /** Bytes from which on files go in parts, and whether S3 can be asked for them. */
  readonly parts?: { readonly from: number; readonly partSize: number; readonly lists: boolean }
  /** The app's server hears of stored files: how it refuses one, and what becomes of its words. */
  readonly confirms?: { readonly refusal: AppAnswer; readonly userMessage: string }
  /** Asking leaves a trace: no file may be asked for before its turn. */
  readonly leavesTrace?: true
  /** Refs hold nothing: there is nothing to check in them. */
  readonly hasNoRef?: true
}

/** Cases get the stage of the test that runs. */
export type Play = (run: (stage: Stage) => Promise<void>) => () => Promise<void>

/**
 * Holds a backend to the port.
 * @param make starts the protocol's server, which lets files into `place.bucket`, and the backend that speaks to it;
 * called for each test, whose bucket is empty
 */
export function backendConformance(
  name: string,
  traits: BackendTraits,
  make: (place: BenchPlace) => Promise<BackendBench>,
): void {
  describe(`${name} is a backend`, () => {
    let stage: Stage

    beforeEach(async () => {
      const place = { s3: await startS3Server(), bucket: 'uploads' }
      await place.s3.createBucket(place.bucket)
      stage = openStage(place, await make(place))
    })
    afterEach(() => stage.end())

    const play: Play = (run) => async () => {
      try {
        await run(stage)
      } catch (error) {
        if (error instanceof Error)
          error.message += stage.messages.map((one) => `\non the way: ${one}`).join('')
        throw error
      }
    }
    fileCases(traits, play)
    answerCases(traits, play)
    confirmCases(traits, play)
    partsCases(traits, play)
  })
}
