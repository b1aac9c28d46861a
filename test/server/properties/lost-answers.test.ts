/**
 * Lives of one upload, in which any answer may be lost and is asked for again, in whichever process of the signer, while
 * another user tries the same receipts. Whatever the order: one object at most, and only where all agree.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { RouteOptions, UploadHandler, UploadState } from '../../../src/server/index.ts'
import { createUploadHandler, createUploadRouter, route } from '../../../src/server/index.ts'
import type { S3Server } from '../../../src/testing/s3-server/index.ts'
import { startS3Server } from '../../../src/testing/s3-server/index.ts'
import { bytesOf, openWitness, postForm, put } from '../store-suite.ts'
import { about, aFile, call, only, post, url, type Answer } from '../support.ts'
import { readGrant, type ReadGrant } from './read-grant.ts'

let server: S3Server
beforeAll(async () => {
  server = await startS3Server({ region: 'eu-central-1' })
  await server.createBucket('uploads')
})
afterAll(() => server.close())

const content = bytesOf(64)
const steps = ['send', 'confirm', 'abort', 'renew', 'probe', 'view', 'delete', 'sign', 'foreign'] as const
type Step = (typeof steps)[number]

const life = fc.record({
  way: fc.constantFrom('post', 'put', 'multipart'),
  closes: fc.constantFrom('promote', 'uploadState', 'promote with a fixed key'),
  dated: fc.boolean(),
  steps: fc.array(
    fc.record({
      step: fc.constantFrom<Step>(...steps),
      /** How often it is asked: all answers but the last are lost. */
      times: fc.integer({ min: 1, max: 3 }),
      process: fc.integer({ min: 0, max: 2 }),
      atOnce: fc.boolean(),
    }),
    { minLength: 2, maxLength: 8 },
  ),
})

test(
  'a lost answer to any action, in any process, costs no file and gives none away',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(life, async ({ way, closes, dated, steps: asked }) => {
        const run = crypto.randomUUID()
        const [prefix, incoming] = [`done/${run}/`, `incoming/${run}/`]
        const { endpoint, region, credentials } = server
        const storage = { bucket: 'uploads', region, endpoint, credentials }
        const witness = openWitness({ storage, now: Date.now })
        const states = new Map<string, UploadState>()
        const taken = new Set<string>()
        let count = 0
        const options: RouteOptions<{ id: string }> = {
          authorize: (request) => ({ id: request.headers.get('x-user') ?? '' }),
          prefix,
          view: true,
          delete: true,
          ...(dated && { object: () => ({ metadata: { at: `${(count += 1)}` } }) }),
          ...(closes === 'promote with a fixed key' && { key: () => `${prefix}photo.png` }),
          ...(closes === 'uploadState'
            ? { uploadState: ({ key }: { key: string }) => states.get(key) ?? ('open' as const) }
            : { promote: incoming }),
          onComplete: ({ key, user }) => {
            expect(user.id).toBe('ann')
            expect(states.get(key)).not.toBe('aborted')
            states.set(key, 'taken')
            taken.add(key)
          },
          onAbort: ({ key, stored }) => {
            if (closes === 'uploadState' && !stored) states.set(key, 'aborted')
          },
        }
        const router = createUploadRouter({ files: route(options) })
        const processes: UploadHandler[] = [0, 1, 2].map(() =>
          createUploadHandler(router, {
            storage,
            onError(error) {
              throw error
            },
          }),
        )
        const say = (body: unknown, at: number, user = 'ann'): Promise<Answer> => {
          const handler = processes[at]
          if (!handler) throw new Error('no such process')
          return call(handler, new Request(`${url}?route=files`, post(body, { 'x-user': user })))
        }
        const file = aFile({ id: run, size: content.length, accepts: [way] })
        let grant: ReadGrant | undefined
        let isDeleted = false
        let isAborted = false

        const take = async (step: Step, at: number): Promise<void> => {
          if (step === 'sign') {
            const answer = readGrant(await say({ v: 1, action: 'sign', files: [file] }, at))
            // The browser goes on with the last answer that it heard.
            if (answer && !grant) grant = answer
            return
          }
          if (!grant) return
          const { receipt } = grant
          if (step === 'send') await send(grant, at)
          else if (step === 'renew')
            await say({ v: 1, action: 'sign', files: [{ ...file, reason: 'renew', receipt }] }, at)
          else if (step === 'foreign') {
            for (const action of ['confirm', 'abort', 'probe', 'view', 'delete']) {
              const answer = only(await say(JSON.parse(await about(action, receipt).text()), at, 'bob'))
              expect(answer.status).toBe(403)
            }
          } else {
            const answer = only(await say(JSON.parse(await about(step, receipt).text()), at))
            if (step === 'abort' && answer.status === 200) isAborted = true
            if (step === 'delete' && answer.status === 200) isDeleted = true
            if (step === 'view' && answer.status === 200 && closes !== 'uploadState') {
              const seen = await fetch(String(answer.body['url']))
              expect(new Uint8Array(await seen.arrayBuffer())).toEqual(content)
            }
            if (step === 'confirm' && answer.status === 200) {
              expect(taken.size).toBe(1)
              if (!isDeleted) expect(await witness.keys(prefix)).toEqual([...taken])
            }
            if (step === 'confirm' && isAborted && taken.size === 0) expect(answer.status).toBe(409)
          }
        }

        async function send({ receipt, target }: ReadGrant, at: number): Promise<void> {
          if (target.type === 'post') await postForm(target.urls[0], target.fields, content)
          else if (target.type === 'put') await put(target.url, target.headers, content)
          else {
            const part = { number: 1, size: content.length }
            const { body } = await say({ v: 1, action: 'sign-parts', receipt, parts: [part] }, at)
            const [signed] = (body['parts'] ?? []) as { url: string; headers: [string, string][] }[]
            if (!signed) return
            await put(signed.url, signed.headers, content)
            await say({ v: 1, action: 'complete', receipt, parts: [[1, null, null]] }, at)
          }
        }

        await take('sign', 0)
        for (const { step, times, process, atOnce } of asked) {
          const again = Array.from({ length: times }, (_, index) => (process + index) % 3)
          if (atOnce) await Promise.all(again.map((at) => take(step, at)))
          else for (const at of again) await take(step, at)
        }
        const keys = await witness.keys(prefix)
        expect(keys.length).toBeLessThanOrEqual(1)
        for (const key of keys) expect(new Uint8Array((await witness.read(key)) ?? [])).toEqual(content)
        if (taken.size === 1 && !isDeleted) expect(keys).toEqual([...taken])
        if (closes !== 'uploadState' && taken.size === 0) expect(keys).toEqual([])
        witness.client.destroy()
      }),
      { numRuns: 150 },
    )
  },
)
