/** The signer's own requests to S3: signed, bounded in time, their errors told apart. */
import { toHex } from '../../s3/bytes.ts'
import { Sha256 } from '../../s3/sha256.ts'
import { createSigner, emptyBodyHash } from '../../s3/sigv4.ts'
import { readS3Error } from '../../s3/xml.ts'
import { ProblemError } from '../problem.ts'
import type { FetchLike, SignerCredentials } from './options.ts'

/** With whose word, when, and until when S3 is asked. */
export interface Session {
  /** Sign the signer's own calls. */
  readonly credentials: SignerCredentials
  /** Sign the grants for uploads. Default: `credentials`. */
  readonly grantCredentials?: SignerCredentials
  /** Milliseconds since 1970. */
  readonly now: number
  /** Ends with the call. */
  readonly signal: AbortSignal
}

/** The credentials that sign grants for uploads. */
export const grantingCredentials = ({ credentials, grantCredentials }: Session): SignerCredentials =>
  grantCredentials ?? credentials

/** One request. */
export interface StoreRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  readonly url: string
  /** Signed, all of them. */
  readonly headers?: Readonly<Record<string, string>>
  /** Sent and not signed. The signature then stands in the URL, as in a browser's request. */
  readonly unsigned?: Readonly<Record<string, string>>
  readonly body?: string
  /** For messages: "look for the object". */
  readonly doing: string
  /** S3 composes and copies while the caller waits. Default 10 s. */
  readonly timeout?: number
  /** Codes and statuses that are no failure to the caller. */
  readonly expected?: readonly (string | number)[]
}

/** One answer. */
export interface StoreAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** S3's code, where the answer is an error, under whatever status. */
  readonly code?: string
}

/** Sends; resolves for success and for what was expected. */
export type SendToStore = (request: StoreRequest, session: Session) => Promise<StoreAnswer>

const shortTimeout = 10_000
/** Seconds. */
const presignedLife = 60
/** Composing an object of 10,000 parts takes S3 minutes. */
export const longTimeout = 300_000

/** The runtime's own `fetch`. One function for all buckets, because a store's answer is remembered with it. */
export const globalFetch: FetchLike = (url, init) => fetch(url, init)

/** Makes the function that sends. It throws ProblemError 502 for whatever is neither a success nor expected. */
export function createSender(region: string, send: FetchLike): SendToStore {
  return async (request, { credentials, now, signal }) => {
    const { method, headers = {}, unsigned, body, doing, timeout = shortTimeout, expected = [] } = request
    const bodyHash = body === undefined ? emptyBodyHash : await hashOf(body)
    const signer = createSigner({ credentials, region })
    const toSign = { method, url: request.url, headers, now: new Date(now) }
    const { url, headers: signed } = unsigned
      ? await signer.presign({ ...toSign, expiresIn: presignedLife })
      : { url: request.url, headers: await signer.sign({ ...toSign, bodyHash }) }
    const init: RequestInit = {
      method,
      // A compressing proxy would tell the length of something else. Not signed: Cloudflare's workers change it.
      headers: { ...signed, ...unsigned, 'accept-encoding': 'identity' },
      // A redirect means another region: following it would only end in a wrong signature.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
      ...(body !== undefined && { body }),
    }
    let answer: Response
    let text = ''
    try {
      answer = await send(url, init)
      if (method !== 'HEAD') text = await answer.text()
    } catch (cause) {
      throw new ProblemError(502, 'storage-failed', `The signer cannot reach the store to ${doing}.`, {
        cause,
      })
    }
    // CompleteMultipartUpload and CopyObject can fail under status 200 (AWS: API_CompleteMultipartUpload).
    const code = readS3Error(text)?.code
    const { status } = answer
    const found = { status, headers: answer.headers, text, ...(code !== undefined && { code }) }
    const isGood = status >= 200 && status < 300 && code === undefined
    if (isGood || expected.includes(status) || (code !== undefined && expected.includes(code))) return found
    throw unexpected(doing, status, code)
  }
}

/** @throws ProblemError 502: the answer lacks what it must have */
export function malformed(what: string): never {
  throw new ProblemError(502, 'storage-failed', `The store answered with ${what}.`)
}

async function hashOf(body: string): Promise<string> {
  const sha256 = new Sha256()
  sha256.update(body)
  return toHex(await sha256.digest())
}

/** The hint is for the log alone. */
function unexpected(doing: string, status: number, code: string | undefined): ProblemError {
  const what = `The store answered ${status} when the signer tried to ${doing}.`
  const cause = new Error(
    `${what} ${code === undefined ? '' : `S3 calls it ${code}. `}${hintFor(status, code)}`,
  )
  return new ProblemError(502, 'storage-failed', what, { cause })
}

function hintFor(status: number, code: string | undefined): string {
  if (code === 'AccessControlListNotSupported')
    return 'Leave out `object.acl`: Object Ownership of the bucket is "Bucket owner enforced", as for all new ones, so that ACLs are switched off. Public reading is a matter of the bucket policy or of a CDN.'
  if (status === 403)
    return 'Allow the signer what iamPolicy() lists: s3:GetObject, and s3:ListBucket, without which a missing object looks forbidden.'
  if (status >= 300 && status < 400)
    return "Check the storage's region and endpoint: the bucket is elsewhere."
  if (status === 501) return 'The store cannot do this: choose its preset, or say so in `capabilities`.'
  return 'The store is in trouble, or it is no S3.'
}
