/**
 * Does a store act on headers that nobody signed? The signer asks with a presigned PUT of its own, to which it adds an
 * unsigned `x-amz-copy-source` that names no object. A store that refuses unsigned headers answers 403. One that looks
 * for the object answers 404.
 */
import { encodeKey } from '../../s3/key.ts'
import type { FetchLike } from './options.ts'
import type { SendToStore, Session } from './send.ts'

/** The bucket that is asked. */
export interface AskedBucket {
  readonly name: string
  /** Its own address, without a slash at the end. */
  readonly own: string
  readonly at: (key: string) => string
  readonly send: SendToStore
  /** Answers are remembered for as long as this function lives. */
  readonly fetch: FetchLike
  /** Does it take forms? For the message. */
  readonly takesForms: boolean
}

/** Asks for one call, and tells the app of what was found out. */
export interface Asking {
  /** Both keys of the question begin so. */
  readonly folder: string
  readonly session: Session
  readonly tell: (error: unknown) => void
}

const answers = new WeakMap<FetchLike, Map<string, Promise<boolean>>>()

/**
 * Does it act on them? Asked once per process and bucket. Concurrent calls share a question, and a question that failed
 * is asked again.
 * @throws ProblemError 502 if the store cannot be reached, or is in trouble
 */
export function actsOnUnsignedHeaders(bucket: AskedBucket, asking: Asking): Promise<boolean> {
  const known = answers.get(bucket.fetch) ?? new Map<string, Promise<boolean>>()
  answers.set(bucket.fetch, known)
  const asked = known.get(bucket.own)
  if (asked) return asked
  // The answer outlives the call that asks: its end must not abort the question of others.
  const session = { ...asking.session, signal: new AbortController().signal }
  const answer = ask(bucket, { ...asking, session }).catch((error: unknown) => {
    known.delete(bucket.own)
    throw error
  })
  known.set(bucket.own, answer)
  return answer
}

const refusals = Array.from({ length: 100 }, (_, at) => 400 + at)

async function ask(bucket: AskedBucket, asking: Asking): Promise<boolean> {
  const { name, at, send } = bucket
  const { folder, session, tell } = asking
  const aKey = (): string => `${folder}s3-upload-kit-probe/${crypto.randomUUID()}`
  const [made, missing] = [aKey(), aKey()]
  const { status } = await send(
    {
      method: 'PUT',
      url: at(made),
      unsigned: { 'x-amz-copy-source': `/${name}/${encodeKey(missing)}` },
      doing: 'ask what it does with unsigned headers',
      // 501: a store without copies looked at the header, too. 200: copies can fail under it.
      expected: [200, 501, ...refusals],
    },
    session,
  )
  if (status !== 403) {
    const removal = { method: 'DELETE', url: at(made), doing: 'remove the object', expected: [404] } as const
    if (status < 300) await send(removal, session).catch(tell)
    tell(found(bucket, `It answered ${status} to a presigned PUT with an unsigned x-amz-copy-source.`))
    return true
  }
  const head = await send(
    { method: 'HEAD', url: at(missing), doing: 'look for a missing object', expected: refusals },
    session,
  )
  if (head.status === 404) return false
  tell(
    found(
      bucket,
      `HEAD of a missing object answered ${head.status} instead of 404, so that a refusal proves nothing. Allow the signer s3:ListBucket.`,
    ),
  )
  return true
}

const found = ({ own, takesForms }: AskedBucket, why: string): Error =>
  new Error(
    `The store at ${own} may act on headers that nobody signed. ${why} A browser with a presigned PUT could copy any object that storage.credentials can read, so that only forms are granted${takesForms ? '' : ', and it takes none'}. Give storage.grantCredentials to grant PUT and parts. Or answer by storage.capabilities.unsignedHeaders: 'named' for Ceph RGW, or 'refused'.`,
  )
