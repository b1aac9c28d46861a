/**
 * Does a store act on headers that nobody signed? The signer asks with a presigned PUT of its own, to which it adds an
 * unsigned `x-amz-copy-source` that names no object. A store that refuses unsigned headers answers 403. One that looks
 * for the object answers 404. A 403 proves something only where the same PUT without the header is taken.
 */
import { encodeKey } from '../../s3/key.ts'
import type { FetchLike } from './options.ts'
import type { SendToStore, Session, StoreAnswer } from './send.ts'

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

/** Answer to the question, and how sure it is. */
interface Finding {
  readonly acts: boolean
  /** Another reason than the header may be behind it, so it is asked again by the next call. */
  readonly isSure: boolean
}

const answers = new WeakMap<FetchLike, Map<string, Promise<Finding>>>()

/**
 * Does it act on them? Asked once per process and bucket, and again where the answer was not sure. Concurrent calls share a
 * question.
 * @throws ProblemError 502 if the store cannot be reached, or is in trouble
 */
export async function actsOnUnsignedHeaders(bucket: AskedBucket, asking: Asking): Promise<boolean> {
  const known = answers.get(bucket.fetch) ?? new Map<string, Promise<Finding>>()
  answers.set(bucket.fetch, known)
  const asked = known.get(bucket.own)
  if (asked) return (await asked).acts
  // The answer outlives the call that asks: its end must not abort the question of others.
  const session = { ...asking.session, signal: new AbortController().signal }
  const finding = ask(bucket, { ...asking, session })
  known.set(bucket.own, finding)
  let isSure = false
  try {
    const { acts } = ({ isSure } = await finding)
    return acts
  } finally {
    if (!isSure) known.delete(bucket.own)
  }
}

const refusals = Array.from({ length: 100 }, (_, at) => 400 + at)

async function ask(bucket: AskedBucket, { folder, session, tell }: Asking): Promise<Finding> {
  const { name, at, send } = bucket
  const aKey = (): string => `${folder}s3-upload-kit-probe/${crypto.randomUUID()}`
  const [made, missing] = [aKey(), aKey()]
  const put = (unsigned: Readonly<Record<string, string>>): Promise<StoreAnswer> =>
    send(
      {
        method: 'PUT',
        url: at(made),
        unsigned,
        doing: 'ask what it does with unsigned headers',
        // 501: a store without copies looked at the header, too. 200: copies can fail under it.
        expected: [200, 501, ...refusals],
      },
      session,
    )
  const remove = async (): Promise<void> => {
    const removal = { method: 'DELETE', url: at(made), doing: 'remove the object', expected: [404] } as const
    await send(removal, session).catch(tell)
  }
  const acting = (why: string, isSure: boolean): Finding => {
    tell(found(bucket, why))
    return { acts: true, isSure }
  }
  const copying = { 'x-amz-copy-source': `/${name}/${encodeKey(missing)}` }
  const { status, code } = await put(copying)
  if (status !== 403) {
    if (status < 300) await remove()
    const looked = status < 300 || status === 501 || (status === 404 && code !== 'NoSuchBucket')
    return acting(`It answered ${status} to a presigned PUT with an unsigned x-amz-copy-source.`, looked)
  }
  const head = await send(
    { method: 'HEAD', url: at(missing), doing: 'look for a missing object', expected: refusals },
    session,
  )
  if (head.status !== 404)
    return acting(
      `HEAD of a missing object answered ${head.status} instead of 404, so that a refusal proves nothing. Allow the signer s3:ListBucket.`,
      false,
    )
  const control = await put({})
  if (control.status >= 300 || control.code !== undefined)
    return acting(
      `It answered ${control.status} to the same PUT without that header, so that its refusal proves nothing.`,
      false,
    )
  // The first refusal may have been by chance, such as of a key that was not yet active.
  const again = await put(copying)
  await remove()
  if (again.status === 403) return { acts: false, isSure: true }
  return acting(
    `It answered 403 to a PUT with an unsigned x-amz-copy-source, and then ${again.status}.`,
    false,
  )
}

const found = ({ own, takesForms }: AskedBucket, why: string): Error =>
  new Error(
    `The store at ${own} may act on headers that nobody signed. ${why} A browser with a presigned PUT could copy any object that storage.credentials can read, so that only forms are granted${takesForms ? '' : ', and it takes none'}. Give storage.grantCredentials to grant PUT and parts. Or answer by storage.capabilities.unsignedHeaders: 'named' for Ceph RGW, or 'refused'.`,
  )
