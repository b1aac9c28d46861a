/** Signed POST policies: what lets a browser's form put one object into a bucket (AWS: sigv4-authentication-HTTPPOST). */
import { toBase64 } from './bytes.ts'
import type { S3Credentials } from './credentials.ts'
import { algorithm, Signature } from './signature.ts'

/** Form fields in order. */
export type PostFields = readonly (readonly [name: string, value: string])[]

/** One line of a policy's `conditions` (AWS: sigv4-HTTPPOSTConstructPolicy). */
export type PostCondition =
  | Readonly<Record<string, string>>
  | readonly ['eq' | 'starts-with', field: string, value: string]
  /** Bytes of the file, both ends inclusive. */
  | readonly ['content-length-range', min: number, max: number]

/** What {@link createPostPolicy} is told. */
export interface PostPolicyInput {
  readonly credentials: S3Credentials
  /** The bucket's region; `us-east-1` where a store has none. */
  readonly region: string
  readonly bucket: string
  /** Conditions beyond those that follow from `fields`: `content-length-range`, `starts-with`. */
  readonly conditions?: readonly PostCondition[]
  /** Fields the form must send exactly so. Each becomes a condition, since S3 refuses fields without one. */
  readonly fields: PostFields
  /** When the permission ends; at most 7 days after `now`. Fractions of a second are cut off. */
  readonly expiresAt: Date
  /** Moment of signing. */
  readonly now: Date
}

const maxLife = 7 * 24 * 60 * 60 * 1000

/**
 * A signed policy as form fields, in the order to send them, the file after them. Names are in lower case where S3
 * ignores case, so that they compare easily.
 * @throws RangeError if the policy would live for nothing or for more than 7 days: a signing key lives no longer,
 * and S3's own clients do not check (FACTS: `createPresignedPost` emits 10 days)
 * @throws TypeError if a field holds `${filename}` or the key a `$`: S3 expands variables before it compares, so an
 * exact condition on them never holds, and `$$` in a key fails on S3 (boto3#4514)
 */
export async function createPostPolicy(
  input: PostPolicyInput,
): Promise<{ fields: [name: string, value: string][] }> {
  const { credentials, region, bucket, now } = input
  const life = input.expiresAt.getTime() - now.getTime()
  if (!(life > 0 && life <= maxLife)) {
    throw new RangeError(`A POST policy lives up to ${maxLife / 1000} s, not ${life / 1000} s.`)
  }
  for (const [name, value] of input.fields) {
    if (value.includes('${filename}') || (name === 'key' && value.includes('$'))) {
      throw new TypeError(`The field ${name} holds a '$' that S3 would read as a variable.`)
    }
  }
  const signer = new Signature(credentials, region, now)
  const fields: [string, string][] = [
    ...input.fields.map(([name, value]): [string, string] => [name, value]),
    ['x-amz-algorithm', algorithm],
    ['x-amz-credential', signer.credential],
    ['x-amz-date', signer.longDate],
  ]
  // S3 wants the token in the form and in the policy.
  if (credentials.sessionToken !== undefined) fields.push(['x-amz-security-token', credentials.sessionToken])
  const conditions: PostCondition[] = [
    { bucket },
    ...(input.conditions ?? []),
    ...fields.map(([name, value]) => ({ [name]: value })),
  ]
  const text = JSON.stringify({ expiration: `${input.expiresAt.toISOString().slice(0, 19)}Z`, conditions })
  const { policy, signature } = await signPolicy(text, { credentials, region, now })
  fields.push(['policy', policy], ['x-amz-signature', signature])
  return { fields }
}

/**
 * Signs a policy's text as it is, to the byte: base64 of its UTF-8, and the signature of that base64 (not of the
 * JSON), in hexadecimal.
 */
export async function signPolicy(
  text: string,
  { credentials, region, now }: Pick<PostPolicyInput, 'credentials' | 'region' | 'now'>,
): Promise<{ policy: string; signature: string }> {
  const policy = toBase64(new TextEncoder().encode(text))
  return { policy, signature: await new Signature(credentials, region, now).ofText(policy) }
}
