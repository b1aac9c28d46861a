/** Files as our own signer is told of them, and its verdicts as the engine is told of those. */
import { UploadError } from '../core/errors.ts'
import type { Grant, Json, StoredObject, UploadRequest, UploadTarget } from '../core/ports.ts'
import type { ReadVerdict } from '../protocol/answers.ts'
import { wireLimits } from '../protocol/limits.ts'
import type { SignFile } from '../protocol/wire.ts'
import { refusalError } from './kit-errors.ts'
import type { KitTypes } from './kit-types.ts'

// One absurd file must not fail the whole call: the signer refuses messages that are out of bounds.
/** Why a file cannot be asked for at all; undefined if it can. */
export function unsendable({ name, options }: UploadRequest<KitTypes>): UploadError | undefined {
  if (name.length > wireLimits.name)
    return tooLong(`The file's name has more than ${wireLimits.name} characters.`)
  try {
    return JSON.stringify(jsonOf(options?.metadata)).length > wireLimits.metadata
      ? tooLong(`The file's metadata has more than ${wireLimits.metadata} characters.`)
      : undefined
  } catch (cause) {
    // A cycle, a bigint, a getter that throws: the app's fault, and nothing for the user to read.
    return new UploadError('internal', 'never', "The file's metadata has no JSON form.", { cause })
  }
}

const tooLong = (message: string): UploadError =>
  new UploadError('refused', 'never', message, { userMessage: message })

/** @param receipt from the grant before */
export function toWire(file: UploadRequest<KitTypes>, receipt: string | undefined): SignFile {
  const { id, name, size, type, lastModified, relativePath, reason, minimumLife, accepts } = file
  const { checksum, partChecksum, options } = file
  return {
    id,
    name,
    size,
    type: type.length <= wireLimits.type ? type : '',
    reason,
    accepts,
    lastModified: Math.trunc(lastModified),
    ...(relativePath !== undefined && relativePath.length <= wireLimits.relativePath && { relativePath }),
    ...(receipt !== undefined && { receipt }),
    ...(minimumLife !== undefined && { minimumLife: Math.ceil(minimumLife) }),
    ...(options?.metadata !== undefined && { metadata: jsonOf(options.metadata) }),
    ...(checksum && { checksum }),
    ...(partChecksum && { partChecksum }),
  }
}

/** What JSON makes of a value: dates become texts. */
const jsonOf = (value: unknown): Json => JSON.parse(JSON.stringify(value) ?? 'null')

/** @param refOf what the engine keeps of a receipt */
export function toGrant(verdict: ReadVerdict, refOf: (receipt: string) => KitTypes['ref']): Grant<KitTypes> {
  if (!verdict.ok) return { ok: false, error: refusalError(verdict.error) }
  const { receipt, target, record } = verdict
  if (target.type !== 'unknown')
    return {
      ok: true,
      ref: refOf(receipt),
      target: toTarget(target),
      ...(record !== undefined && { record }),
    }
  const message = `The signer granted a target of type "${target.kind}", which this version of the kit does not know. Update it.`
  return { ok: false, error: new UploadError('unsupported-target', 'never', message) }
}

type KnownTarget = Exclude<Extract<ReadVerdict, { ok: true }>['target'], { type: 'unknown' }>

function toTarget(target: KnownTarget): UploadTarget {
  switch (target.type) {
    case 'post':
      return target
    case 'put': {
      const { url, headers, expiresIn } = target
      return { type: 'put', request: { url, headers }, expiresIn }
    }
    case 'multipart': {
      const { partSize, resumes } = target
      return { type: 'multipart', partSize, stored: resumes ? 'ask' : [] }
    }
  }
}

/** Where the signer found an object. */
export function toStored(stored: { key: string; etag: string; location?: string }): StoredObject {
  const { key, etag, location = key } = stored
  return { location, key, ...(etag !== '' && { etag }) }
}
