/** The verdict on one file: a POST policy that fits just this file, or a refusal with a code. */
import { matchAccept } from '../protocol/accept.ts'
import { longestLife } from '../protocol/limits.ts'
import type { Refusal, RefusalCode, SignFile, SignVerdict } from '../protocol/wire.ts'
import { createPostPolicy } from '../s3/post-policy.ts'
import { contentDisposition, contentTypeFor, mayInline } from './content.ts'
import { controlCharacters, keyProblem, sanitizeFileName, uniqueKey } from './keys.ts'
import type { Report, SignerRules, UploadedFile } from './options.ts'
import type { Receipts } from './receipt.ts'
import { isReject } from './reject.ts'
import type { SignerCredentials, Storage } from './storage.ts'

/** What is the same for all files of a call. */
export interface SignContext {
  readonly rules: SignerRules
  readonly inline: readonly string[]
  readonly storage: Storage
  readonly credentials: SignerCredentials
  readonly receipts: Receipts
  /** Sealed into receipts. */
  readonly userId: string
  /** Files in this call. */
  readonly count: number
  /** Milliseconds since 1970. */
  readonly now: number
  /** The app's key for a file; undefined for the default. */
  readonly key: ((file: UploadedFile) => string | Promise<string>) | undefined
  readonly report: Report
}

/** The most that S3 takes in one request, in bytes. */
const singleRequestLimit = 5 * 1024 ** 3

/** Seconds for which a receipt can renew its grant: as long as the longest policy. */
const receiptLife = longestLife

/**
 * Seconds that a policy lives: a minute to begin, and the time that the bytes take at 64 KiB/s, since a store may look
 * at the clock only when the body has arrived (RGW does).
 */
export function policyLife(size: number, minimumLife = 0): number {
  return Math.min(Math.max(60 + Math.ceil(size / 65_536), minimumLife), longestLife)
}

/** A refusal of this file alone; its message may reach the user. */
class Refused extends Error {
  readonly refusal: Refusal
  constructor(code: RefusalCode, message: string, numbers: { limit?: number; actual?: number } = {}) {
    super(message)
    this.refusal = { code, message, ...numbers }
  }
}

/**
 * Judges the file at `index` of a call.
 * @throws only what is not about this file, such as credentials that cannot sign
 */
export async function signFile(file: SignFile, index: number, context: SignContext): Promise<SignVerdict> {
  try {
    const described = describe(file, index, context)
    const { receipt, key, name } = await objectFor(file, described, context)
    const { storage, credentials, inline, now } = context
    const kind = mayInline(described.type, inline) ? 'inline' : 'attachment'
    const expiresIn = Math.min(policyLife(file.size, file.minimumLife), secondsLeft(credentials, now))
    const { fields } = await createPostPolicy({
      credentials,
      region: storage.region,
      bucket: storage.bucket,
      conditions: [['content-length-range', file.size, file.size]],
      fields: [
        ['key', key],
        ['Content-Type', described.type],
        ['Content-Disposition', contentDisposition(kind, name)],
        // The one answer whose body a page can read without ExposeHeaders in the bucket's CORS rules.
        ['success_action_status', '201'],
      ],
      now: new Date(now),
      expiresAt: new Date(now + expiresIn * 1000),
    })
    return { ok: true, receipt, target: { type: 'post', urls: [storage.postUrl], fields, expiresIn } }
  } catch (error) {
    if (error instanceof Refused) return { ok: false, error: error.refusal }
    throw error
  }
}

/** Applies the rules. */
function describe(file: SignFile, index: number, { rules, count }: SignContext): UploadedFile {
  const { accept = {}, minSize = 0, maxSize = singleRequestLimit, maxFiles = Infinity } = rules
  const { id, name, size, lastModified, relativePath } = file
  if (!file.accepts.includes('post'))
    throw new Refused('refused', 'The server takes files only as a form, and this uploader cannot send one.')
  if (index >= maxFiles)
    throw new Refused('too-many-files', `At most ${maxFiles} files are taken at a time.`, {
      limit: maxFiles,
      actual: count,
    })
  if (controlCharacters.test(name))
    throw new Refused('refused', "The file's name holds control characters. Rename the file.")
  if (size > maxSize)
    throw new Refused('file-too-large', `A file may have at most ${maxSize} bytes.`, {
      limit: maxSize,
      actual: size,
    })
  if (size < minSize)
    throw new Refused('file-too-small', `A file must have at least ${minSize} bytes.`, {
      limit: minSize,
      actual: size,
    })
  const match = matchAccept(accept, file)
  if (match === undefined) throw new Refused('file-invalid-type', 'Files of this type are not taken.')
  return {
    id,
    name,
    size,
    safeName: sanitizeFileName(name),
    type: contentTypeFor(file, match),
    ...(lastModified !== undefined && { lastModified }),
    ...(relativePath !== undefined && { relativePath }),
  }
}

/** The object of the receipt if there is one to renew, else a new one. */
async function objectFor(
  file: SignFile,
  described: UploadedFile,
  context: SignContext,
): Promise<{ receipt: string; key: string; name: string }> {
  const { receipts, userId, now } = context
  if (file.reason !== 'renew' || file.receipt === undefined) {
    const { id, name, size, type } = described
    const key = await newKey(described, context)
    return { key, name, receipt: await receipts.issue({ id, key, name, size, type, issued: now }, userId) }
  }
  const granted = await receipts.open(file.receipt, userId)
  const isSame =
    granted?.id === described.id && granted.size === described.size && granted.type === described.type
  if (!granted || !isSame) throw new Refused('refused', 'This upload cannot be renewed. Begin a new one.')
  if (now > granted.issued + receiptLife * 1000)
    throw new Refused('expired', 'This upload was begun too long ago. Begin a new one.')
  return { receipt: file.receipt, key: granted.key, name: granted.name }
}

async function newKey(file: UploadedFile, { key: makeKey, report }: SignContext): Promise<string> {
  if (!makeKey) return uniqueKey(file.name)
  let key: unknown
  try {
    key = await makeKey(file)
  } catch (error) {
    if (isReject(error)) throw new Refused('refused', error.message)
    throw error
  }
  const problem = typeof key === 'string' ? keyProblem(key) : 'is no string'
  if (problem === undefined && typeof key === 'string') return key
  report(
    new TypeError(
      `key() made a key that ${problem}. Use file.safeName in place of file.name, or uniqueKey(file.name, prefix).`,
    ),
    'making a key',
  )
  throw new Refused('refused', 'The file cannot be stored under its name. Rename the file.')
}

function secondsLeft({ expiration }: SignerCredentials, now: number): number {
  const seconds = expiration ? Math.floor((expiration.getTime() - now) / 1000) : Infinity
  if (seconds >= 1) return seconds
  throw new TypeError('The storage credentials have expired. Give a function that fetches new ones.')
}
