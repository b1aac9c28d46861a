/** Calls to a handler whose hooks may answer anything. */
import type { UploadHandler } from '../../src/server/index.ts'
import type { Answer } from './support.ts'
import { about, aFile, call, only, post } from './support.ts'
import type { Loose } from './wrong-values.ts'
import { looseHandler } from './wrong-values.ts'

const key = 'users/ann/photo.png'
const wanted = { v: 1, action: 'sign', files: [aFile({ accepts: ['post', 'put'] })] }
const listing = `<R><Contents><Key>${key}</Key><Size>5</Size></Contents></R>`

/** A store in which every object is, as granted. */
export const storeOfAll = (address: string, { method = 'GET' }: RequestInit): Promise<Response> => {
  if (method === 'HEAD')
    return Promise.resolve(new Response(null, { headers: { 'content-length': '1000', etag: '"e"' } }))
  return Promise.resolve(new Response(address.includes('list-type') ? listing : ''))
}

const make = (options: Loose): UploadHandler => looseHandler({ fetch: storeOfAll, ...options })

/** What a call with a hook came to. */
export interface Outcome {
  readonly answer: Answer
  /** What the app was told, as text. */
  readonly reports: readonly string[]
}

/** Asks for a grant, or what the request says, of a handler with these options. */
export async function ask(options: Loose, request: Request = post(wanted)): Promise<Outcome> {
  const reports: string[] = []
  const onError = (error: unknown): void => void reports.push(String(error))
  return { answer: await call(make({ onError, ...options }), request), reports }
}

/** Asks about a file that was granted under a handler without the hook. */
export async function askAbout(action: string, options: Loose): Promise<Outcome> {
  const { answer } = await ask({ list: () => 'users/ann/' })
  const receipt = /"receipt":"([^"]+)"/.exec(answer.text)?.[1]
  const outcome = await ask(options, action === 'list' ? post({ v: 1, action }) : about(action, receipt))
  return { ...outcome, answer: only(outcome.answer) }
}

/** Was any file let through? */
export const isGranted = ({ answer }: Outcome): boolean => answer.text.includes('"ok":true')
