/** Forms for POST Object, right and wrong ones: a policy over any conditions, a body in any order. */
import type { S3Credentials } from '../../src/s3/credentials.ts'
import type { PostCondition } from '../../src/s3/post-policy.ts'
import { signPolicy } from '../../src/s3/post-policy.ts'
import type { Outgoing } from './http.ts'

export type Field = [name: string, value: string]

/** What is signed. Each field becomes a condition, unless `conditions` has one on it. */
export interface PolicyDraft {
  readonly key?: string
  readonly fields?: Readonly<Record<string, string>>
  readonly conditions?: readonly (PostCondition | readonly unknown[] | object)[]
  /** Seconds from now. Default: 600. */
  readonly expiresIn?: number
  /** The policy's `expiration` as it is written, instead of `expiresIn`. */
  readonly expiration?: string
  /** Condition on the bucket, if it is not the bucket that is posted to. */
  readonly bucket?: string
  /** The policy's text, instead of one made from all of the above. */
  readonly policy?: string
  readonly credentials?: S3Credentials
  readonly region?: string
  readonly now?: Date
}

/** A form's file part; `null` as its file name leaves the parameter out. */
export interface FileDraft {
  readonly bytes: Buffer
  readonly name?: string | null
  readonly type?: string
  /** Name of the part. Default: `file`. */
  readonly part?: string
}

type Context = { readonly bucket: string; readonly region: string; readonly credentials: S3Credentials }

/** The fields of a signed form, in order, as a browser is to send them. */
export async function signForm(draft: PolicyDraft, context: Context): Promise<Field[]> {
  const { credentials = context.credentials, region = context.region, now = new Date() } = draft
  const date = `${now.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
  const fields: Field[] = [
    ...(draft.key === undefined ? [] : [['key', draft.key] as Field]),
    ...Object.entries(draft.fields ?? {}),
    ['x-amz-algorithm', 'AWS4-HMAC-SHA256'],
    ['x-amz-credential', `${credentials.accessKeyId}/${date.slice(0, 8)}/${region}/s3/aws4_request`],
    ['x-amz-date', date],
  ]
  if (credentials.sessionToken !== undefined) fields.push(['x-amz-security-token', credentials.sessionToken])
  const conditions = draft.conditions ?? []
  const named = new Set(conditions.flatMap(subject))
  const text =
    draft.policy ??
    JSON.stringify({
      expiration: draft.expiration ?? new Date(now.getTime() + (draft.expiresIn ?? 600) * 1000).toISOString(),
      conditions: [
        { bucket: draft.bucket ?? context.bucket },
        ...conditions,
        ...fields
          .filter(([name]) => !named.has(name.toLowerCase()))
          .map(([name, value]) => ({ [name]: value })),
      ],
    })
  const { policy, signature } = await signPolicy(text, { credentials, region, now })
  return [...fields, ['policy', policy], ['x-amz-signature', signature]]
}

function subject(condition: object): string[] {
  if (!Array.isArray(condition)) return Object.keys(condition).map((name) => name.toLowerCase())
  const [, field] = condition as unknown[]
  return typeof field === 'string' ? [field.replace(/^\$/, '').toLowerCase()] : []
}

const boundary = '----conformance-7MA4YWxkTrZu0gW'

/** The request's headers and body. The file's part comes last, but for the fields of `after`. */
export function encodeForm(
  fields: readonly Field[],
  file: FileDraft | undefined,
  after: readonly Field[] = [],
): Required<Pick<Outgoing, 'headers' | 'body'>> {
  const lines = (list: readonly Field[]): Buffer[] =>
    list.map(([name, value]) =>
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"\r\n\r\n${value}\r\n`,
      ),
    )
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([
      ...lines(fields),
      ...(file ? [filePart(file)] : []),
      ...lines(after),
      Buffer.from(`--${boundary}--\r\n`),
    ]),
  }
}

function filePart({
  bytes,
  name = 'f.bin',
  type = 'application/octet-stream',
  part = 'file',
}: FileDraft): Buffer {
  const filename = name === null ? '' : `; filename="${quoted(name)}"`
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="${part}"${filename}\r\nContent-Type: ${type}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from('\r\n')])
}

/** As browsers write it (HTML: multipart/form-data encoding algorithm). */
const quoted = (text: string): string =>
  text.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22')
