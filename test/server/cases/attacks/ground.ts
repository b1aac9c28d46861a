/**
 * Where attacks happen: a signer behind Node's server, its store over HTTP, and an attacker with nothing but JSON. What is
 * in the bucket afterwards is listed with the official client.
 */
import type { WireTarget } from '../../../../src/protocol/wire.ts'
import type { CompletedUpload } from '../../../../src/server/index.ts'
import { createUploadRouter, route } from '../../../../src/server/index.ts'
import type { Bytes, Store } from '../../store-suite.ts'
import { bytesOf, handlerFor, openWitness, postForm, put, serve } from '../../store-suite.ts'

export const ways = ['post', 'put', 'multipart'] as const
export type Way = (typeof ways)[number]

/** Every action, with a body that is right but for the receipt. */
export const actions = [
  'sign',
  'sign-parts',
  'list-parts',
  'complete',
  'confirm',
  'abort',
  'probe',
  'delete',
  'view',
  'list',
] as const
export type Action = (typeof actions)[number]
/** Those that bring a receipt. */
export const receiptActions = actions.filter((action) => action !== 'sign' && action !== 'list')

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: {
    readonly code?: string
    readonly files?: readonly Verdict[]
    readonly verdicts?: readonly Verdict[]
    readonly parts?: readonly { readonly url: string; readonly headers: [string, string][] }[]
    readonly gone?: boolean
  }
}
interface Verdict {
  readonly ok: boolean
  readonly receipt?: string
  readonly target?: WireTarget
  readonly url?: string
  readonly error?: { readonly status?: number; readonly code: string; readonly detail?: string }
}

/** What a call came to, for its only file or receipt: the code of its refusal, or `ok`. */
export function outcome({ status, body }: Answer): string {
  const [verdict] = body.verdicts ?? body.files ?? []
  if (status === 200) return verdict && !verdict.ok ? (verdict.error?.code ?? '?') : 'ok'
  return body.code ?? `${status} without a code`
}

const secrets = /"?secretAccessKey|node:|\n\s+at |\.ts:\d/

/** The user's own file, begun: what an attacker has, or wants to have. */
export interface Begun {
  readonly receipt: string
  readonly target: WireTarget
  readonly content: Bytes
}

/** A ground for one test. */
export async function openGround(store: Store) {
  const run = `attacks/${crypto.randomUUID()}/`
  const heard: string[] = []
  const users = (id: string): string => `${run}users/${id}/`
  const authorize = ({ headers }: Request): { id: string } | null => {
    heard.push('authorize')
    const id = headers.get('x-user')
    return id === null ? null : { id }
  }
  const hooks = {
    prepare: (): null => {
      heard.push('prepare')
      return null
    },
    onComplete: ({ key }: CompletedUpload): string => {
      heard.push('onComplete')
      return key
    },
    onAbort: (): void => void heard.push('onAbort'),
  }
  const router = createUploadRouter({
    // Each file under its own name: the app's key keeps what comes from the browser.
    named: route({
      authorize,
      ...hooks,
      prefix: run,
      key: ({ file, user }) => `${users(user.id)}${file.name}`,
    }),
    safe: route({
      authorize,
      ...hooks,
      prefix: run,
      key: ({ file, user }) => `${users(user.id)}${file.safeName}`,
    }),
    files: route({
      authorize,
      ...hooks,
      prefix: run,
      key: ({ file, user }) => `${users(user.id)}${file.uniqueName}`,
    }),
    images: route({
      authorize,
      ...hooks,
      prefix: run,
      accept: { 'image/*': [] },
      maxSize: 2000,
      maxFiles: 3,
    }),
    mine: route({
      authorize,
      ...hooks,
      prefix: run,
      key: ({ file, user }) => `${users(user.id)}${file.uniqueName}`,
      list: ({ user }) => users(user.id),
      view: true,
      delete: true,
    }),
  })
  const errors: unknown[] = []
  const witness = openWitness(store)
  const url = await serve(handlerFor(store, router, { onError: (error) => void errors.push(error) }))

  async function send(
    text: string,
    how: {
      route?: string | undefined
      user?: string | undefined
      method?: string
      headers?: Record<string, string>
    },
  ): Promise<Answer> {
    const { route: name, user, method = 'POST', headers = {} } = how
    const address = name === undefined ? url : `${url}/?route=${encodeURIComponent(name)}`
    const answer = await fetch(address, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(user !== undefined && { 'x-user': user }),
        ...headers,
      },
      ...(method !== 'GET' && { body: text }),
    })
    const said = await answer.text()
    if (secrets.test(said)) throw new Error(`The answer tells too much: ${said}`)
    if (answer.headers.get('cache-control') !== 'no-store') throw new Error('The answer may be cached.')
    const { status } = answer
    return {
      status,
      headers: answer.headers,
      text: said,
      body: said === '' ? {} : (JSON.parse(said) as Answer['body']),
    }
  }

  const aFile = (facts: object = {}) => ({
    id: crypto.randomUUID(),
    name: 'photo.png',
    size: 1000,
    type: 'image/png',
    reason: 'first',
    accepts: ['post'],
    ...facts,
  })
  /** A call of each action. */
  const bodyOf = (action: Action, receipt = 'garbage', more: object = {}): object => {
    const about: Readonly<Partial<Record<Action, object>>> = {
      sign: { files: [aFile()] },
      list: {},
      'list-parts': { receipt },
      'sign-parts': { receipt, parts: [{ number: 1, size: 1000 }] },
      complete: { receipt, parts: [[1]] },
    }
    return { v: 1, action, ...(about[action] ?? { receipts: [receipt] }), ...more }
  }
  const call = (body: object, how: Parameters<typeof send>[1]): Promise<Answer> =>
    send(JSON.stringify(body), how)

  return {
    run,
    users,
    heard,
    errors,
    send,
    call,
    bodyOf,
    aFile,
    sign: (facts: object, how: { route: string; user?: string }) =>
      call({ v: 1, action: 'sign', files: [aFile(facts)] }, { user: 'ann', ...how }),
    /** Begins an honest upload. */
    async begin(
      way: Way,
      {
        route: name = 'files',
        user = 'ann',
        ...facts
      }: { route?: string; user?: string; [fact: string]: unknown } = {},
    ): Promise<Begun> {
      const { body, text } = await call(
        { v: 1, action: 'sign', files: [aFile({ accepts: [way], ...facts })] },
        { route: name, user },
      )
      const [verdict] = body.files ?? []
      if (!verdict?.receipt || !verdict.target) throw new Error(`Refused: ${text}`)
      return { receipt: verdict.receipt, target: verdict.target, content: bytesOf(1000) }
    },
    /** Sends the bytes of an honest upload, and completes it if it goes in parts. */
    async carryOut(
      { receipt, target, content }: Begun,
      { route: name = 'files', user = 'ann' } = {},
    ): Promise<void> {
      if (target.type === 'post') await postForm(target.urls[0], target.fields, content)
      else if (target.type === 'put') await put(target.url, target.headers, content)
      else {
        const { body } = await call(bodyOf('sign-parts', receipt), { route: name, user })
        const [part] = body.parts ?? []
        if (!part) throw new Error('The part was not signed.')
        await put(part.url, part.headers, content)
        await call(bodyOf('complete', receipt), { route: name, user })
      }
    },
    witness,
    /** Keys below this test's folder. */
    keys: (): Promise<string[]> => witness.keys(run),
    /** Keys of open uploads below it. */
    open: (): Promise<string[]> => witness.openUploads(run),
  }
}
export type Ground = Awaited<ReturnType<typeof openGround>>
