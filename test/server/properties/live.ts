/** One life of an upload, lived against a real store in three processes of the signer; what it broke is told. */
import type { RouteOptions, StorageOptions, UploadState } from '../../../src/server/index.ts'
import { createUploadHandler, createUploadRouter, route } from '../../../src/server/index.ts'
import { bytesOf, openWitness, postForm, put } from '../store-suite.ts'
import { about, aFile, call, only, post, url, type Answer } from '../support.ts'
import { readGrant, type ReadGrant } from './read-grant.ts'

export const steps = [
  'send',
  'confirm',
  'abort',
  'renew',
  'probe',
  'view',
  'delete',
  'sign',
  'foreign',
] as const
type Step = (typeof steps)[number]

export interface Life {
  readonly way: 'post' | 'put' | 'multipart'
  /** Who knows that an upload is over. */
  readonly closes: 'promote' | 'uploadState' | 'promote with a fixed key'
  /** Does `object` answer otherwise each time? */
  readonly dated: boolean
  readonly steps: readonly {
    readonly step: Step
    /** How often it is asked: all answers but the last are lost. */
    readonly times: number
    readonly process: number
    readonly atOnce: boolean
  }[]
}

const content = bytesOf(64)
const isContent = (bytes: Uint8Array | undefined): boolean =>
  bytes !== undefined && Buffer.from(bytes).equals(content)

/** Lives it, and returns which promises were broken. */
export async function live(life: Life, storage: StorageOptions): Promise<readonly string[]> {
  const { way, closes, dated } = life
  const run = crypto.randomUUID()
  const [prefix, incoming] = [`done/${run}/`, `incoming/${run}/`]
  const witness = openWitness({ storage, now: Date.now })
  const states = new Map<string, UploadState>()
  const taken = new Set<string>()
  const broken: string[] = []
  const hold = (isTrue: boolean, otherwise: string): void => {
    if (!isTrue) broken.push(otherwise)
  }
  const isAtTaken = async (): Promise<boolean> => (await witness.keys(prefix)).join() === [...taken].join()
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
      hold(user.id === 'ann', 'another user completed it')
      hold(states.get(key) !== 'aborted', 'it was completed after its abort')
      states.set(key, 'taken')
      taken.add(key)
    },
    onAbort: ({ key, stored }) => {
      if (closes === 'uploadState' && !stored) states.set(key, 'aborted')
    },
  }
  const router = createUploadRouter({ files: route(options) })
  const onError = (error: unknown): void => hold(false, String(error))
  const processes = [0, 1, 2].map(() => createUploadHandler(router, { storage, onError }))
  const say = (body: unknown, at: number, user = 'ann'): Promise<Answer> => {
    const handler = processes[at % 3]
    if (!handler) throw new Error('There is no such process.')
    return call(handler, new Request(`${url}?route=files`, post(body, { 'x-user': user })))
  }
  const ask = async (action: string, receipt: string, at: number, user?: string): Promise<Answer> =>
    only(await say(JSON.parse(await about(action, receipt).text()), at, user))
  const file = aFile({ id: run, size: content.length, accepts: [way] })
  let grant: ReadGrant | undefined
  let isDeleted = false
  let isAborted = false

  async function send({ receipt, target }: ReadGrant, at: number): Promise<void> {
    if (target.type === 'post') await postForm(target.urls[0], target.fields, content)
    else if (target.type === 'put') await put(target.url, target.headers, content)
    else {
      const parts = [{ number: 1, size: content.length }]
      const { body } = await say({ v: 1, action: 'sign-parts', receipt, parts }, at)
      const [signed] = (body['parts'] ?? []) as { url: string; headers: [string, string][] }[]
      if (!signed) return
      await put(signed.url, signed.headers, content)
      await say({ v: 1, action: 'complete', receipt, parts: [[1, null, null]] }, at)
    }
  }

  const takes: Readonly<Record<Step, (held: ReadGrant, at: number) => Promise<unknown>>> = {
    send,
    sign: async (_held, at) => say({ v: 1, action: 'sign', files: [file] }, at),
    renew: async ({ receipt }, at) =>
      say({ v: 1, action: 'sign', files: [{ ...file, reason: 'renew', receipt }] }, at),
    probe: async ({ receipt }, at) => ask('probe', receipt, at),
    async foreign({ receipt }, at) {
      for (const action of ['confirm', 'abort', 'probe', 'view', 'delete']) {
        const { status } = await ask(action, receipt, at, 'bob')
        hold(status === 403, `${action} by another user: ${status}`)
      }
    },
    async abort({ receipt }, at) {
      if ((await ask('abort', receipt, at)).status === 200) isAborted = true
    },
    async delete({ receipt }, at) {
      if ((await ask('delete', receipt, at)).status === 200) isDeleted = true
    },
    async view({ receipt }, at) {
      const { status, body } = await ask('view', receipt, at)
      if (status !== 200 || closes === 'uploadState') return
      const seen = await fetch(String(body['url']))
      hold(isContent(new Uint8Array(await seen.arrayBuffer())), 'another file is shown')
    },
    async confirm({ receipt }, at) {
      const wasOver = isAborted && taken.size === 0
      const { status } = await ask('confirm', receipt, at)
      if (wasOver) hold(status === 409, `an aborted upload is confirmed: ${status}`)
      if (status !== 200) return
      hold(taken.size === 1, 'it was confirmed, and the app took none')
      hold(isDeleted || (await isAtTaken()), 'it was confirmed, and lies elsewhere')
    },
  }

  grant = readGrant(await say({ v: 1, action: 'sign', files: [file] }, 0))
  for (const { step, times, process, atOnce } of life.steps) {
    const held = grant
    if (!held) break
    const again = Array.from({ length: times }, (_, index) => process + index)
    if (atOnce) await Promise.all(again.map(async (at) => takes[step](held, at)))
    else for (const at of again) await takes[step](held, at)
  }
  const keys = await witness.keys(prefix)
  hold(keys.length <= 1, `there are ${keys.length} objects`)
  for (const key of keys) hold(isContent(await witness.read(key)), 'there are other bytes')
  hold(taken.size === 0 || isDeleted || (await isAtTaken()), 'the file that the app took is gone')
  hold(closes === 'uploadState' || taken.size > 0 || keys.length === 0, 'there is a file that nobody took')
  witness.client.destroy()
  return broken
}
