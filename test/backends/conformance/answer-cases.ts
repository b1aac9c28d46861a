/** What the app's server may answer instead of a target. */
import { describe, expect, test } from 'vitest'

import { UploadError } from '../../../src/core/index.ts'
import type { AppFault } from '../../support/app-server.ts'
import { patternFile } from '../../support/engine.ts'
import type { BackendTraits, Play } from './index.ts'
import type { Stage } from './stage.ts'
import { asking, failureOf } from './stage.ts'

const nonsense: readonly (readonly [what: string, text: string])[] = [
  ['nothing', ''],
  ['a page', '<!doctype html><title>Welcome</title>'],
  ['JSON that breaks off', '{"url":"https://b'],
  ['null', 'null'],
  ['a list', '[]'],
  ['a text', '"ok"'],
  ['an empty object', '{}'],
  ['another protocol', '{"ok":true,"data":[1,2]}'],
]

const transient: readonly (readonly [what: string, fault: AppFault])[] = [
  ['a failure', { status: 500, text: '' }],
  ["a gateway's page", { status: 502, text: '<html><h1>Bad Gateway</h1></html>' }],
  ['an overload', { status: 503, text: '' }],
  ['too many requests', { status: 429, headers: { 'retry-after': '0' } }],
  ['no answer', 'lost'],
]

/** How one question without an engine fails. */
async function refusal(stage: Stage, signal?: AbortSignal): Promise<UploadError> {
  const asked = stage.backend.createUploads([asking(patternFile('a.bin', 10))], stage.call(signal))
  const error = await failureOf(
    asked.then(([verdict]) => (verdict?.ok === false ? Promise.reject(verdict.error) : verdict)),
  )
  stage.messages.push(error.message)
  return error
}

export function answerCases(_traits: BackendTraits, play: Play): void {
  describe("the server's answers", () => {
    test.each(nonsense)('%s: bad-answer, with what to do, and not asked again', (_what, text) =>
      play(async (stage) => {
        stage.app.fail('create', { text, headers: { 'content-type': 'text/html' } }, 2)
        const { failed } = await stage.upload([patternFile('a.bin', 10)])
        expect(failed).toMatchObject([{ step: 'prepare', error: { code: 'bad-answer', retry: 'never' } }])
        expect(stage.app.of('create')).toHaveLength(1)
        expect(stage.count('PostObject')).toBe(0)
        const { message } = await refusal(stage)
        expect(message).toContain(stage.app.url)
        expect(message).toMatch(/must|\?/)
      })(),
    )

    test.each(transient)('%s: asked again by the engine', (_what, fault) =>
      play(async (stage) => {
        stage.app.fail('create', fault)
        const file = patternFile('a.bin', 10)
        const { succeeded } = await stage.upload([file])
        expect(succeeded).toHaveLength(1)
        expect(stage.app.of('create')).toHaveLength(2)
        expect((await stage.objects()).map(({ size }) => size)).toEqual([10])
      })(),
    )

    test.each(transient)('%s: not by the backend', (_what, fault) =>
      play(async (stage) => {
        stage.app.fail('create', fault)
        const error = await refusal(stage)
        expect(error).toMatchObject({ retry: 'later' })
        expect(error).toBeInstanceOf(UploadError)
        expect(stage.app.of('create')).toHaveLength(1)
      })(),
    )

    test(
      '401: unauthorized; with a new login it goes on',
      play(async (stage) => {
        stage.app.fail('create', { status: 401, text: '{}' }, 2)
        const { failed } = await stage.upload([patternFile('a.bin', 10)])
        expect(failed).toMatchObject([{ step: 'prepare', error: { code: 'unauthorized', status: 401 } }])
        expect(stage.app.of('create')).toHaveLength(1)
        let logins = 0
        const { succeeded } = await stage.upload([patternFile('b.bin', 10)], {
          onUnauthorized: () => void logins++,
        })
        expect(succeeded).toHaveLength(1)
        expect(logins).toBe(1)
      }),
    )

    test(
      '403: unauthorized',
      play(async (stage) => {
        stage.app.fail('create', { status: 403, text: '' })
        expect(await refusal(stage)).toMatchObject({ code: 'unauthorized', retry: 'never', status: 403 })
      }),
    )

    test(
      'an abort ends the call at once',
      play(async (stage) => {
        stage.app.fail('create', 'hang')
        const controller = new AbortController()
        stage.app.observe = () => controller.abort()
        expect(await refusal(stage, controller.signal)).toMatchObject({ code: 'aborted' })
        expect(stage.app.of('create')).toHaveLength(1)
      }),
    )
  })
}
