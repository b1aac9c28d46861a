/** The client of our own signer, `createUploadHandler()` of `s3-upload-kit/server`. */
import { UploadError } from '../core/errors.ts'
import type { Grant, Json, UploadBackend, UploadRequest } from '../core/ports.ts'
import type { ReadProblem, ReadVerdict } from '../protocol/answers.ts'
import { parseConfirmAnswer, parseSignAnswer } from '../protocol/answers.ts'
import { ProtocolError } from '../protocol/json.ts'
import { wireLimits } from '../protocol/limits.ts'
import type { ConfirmRequest } from '../protocol/wire-actions.ts'
import type { SignFile, SignRequest } from '../protocol/wire.ts'
import type { JsonServerOptions } from './http-json.ts'
import { badAnswer, postJson } from './http-json.ts'

/** Options of {@link kit}. */
export interface KitOptions extends JsonServerOptions {}

/** What the backend fills in: `ref` is the signer's receipt, `result` what the app's `onComplete` returned. */
export type KitTypes = { ref: string; options: unknown; record: never; result: Json }

/**
 * The backend for our own signer: targets for 50 files in one call, a receipt per file, and the app's answer at the end.
 * @example createUploader({ backend: kit({ endpoint: '/api/uploads' }) })
 */
export function kit(options: KitOptions): UploadBackend<KitTypes> {
  const { endpoint } = options
  return {
    name: 'kit',
    batchSize: 50,
    // A grant is only a signature: nothing is left behind if it is not used.
    signsAhead: () => true,
    parseRef: (value) =>
      typeof value === 'string' && value !== '' && value.length <= wireLimits.receipt ? value : undefined,
    async createUploads(files, call) {
      const sent = files.filter(isSendable)
      const verdicts = sent.length === 0 ? [] : await ask(sent)
      const left = verdicts.values()
      return files.map((file) => {
        const verdict = isSendable(file) ? left.next().value : undefined
        return verdict ? toGrant(verdict) : { ok: false, error: nameTooLong() }
      })

      async function ask(asked: readonly UploadRequest<KitTypes>[]): Promise<readonly ReadVerdict[]> {
        const request: SignRequest = { v: 1, action: 'sign', files: asked.map(toWire) }
        const text = await postJson(options, request, call)
        return parseAnswer(endpoint, () => parseSignAnswer(text, asked.length))
      }
    },
    async confirm(receipt, _stored, _file, call) {
      const request: ConfirmRequest = { v: 1, action: 'confirm', receipt }
      const text = await postJson(options, request, call, confirmProblem)
      return parseAnswer(endpoint, () => parseConfirmAnswer(text)).result
    },
  }
}

// One absurd name must not fail the whole call: the signer refuses messages that are out of bounds.
const isSendable = ({ name }: UploadRequest<KitTypes>): boolean => name.length <= wireLimits.name

function nameTooLong(): UploadError {
  const message = `The file's name has more than ${wireLimits.name} characters. Rename the file.`
  return new UploadError('refused', 'never', message, { userMessage: message })
}

function toWire(file: UploadRequest<KitTypes>): SignFile {
  const { id, name, size, type, lastModified, relativePath, reason, previous, minimumLife, accepts } = file
  return {
    id,
    name,
    size,
    type: type.length <= wireLimits.type ? type : '',
    reason,
    accepts,
    lastModified: Math.trunc(lastModified),
    ...(relativePath !== undefined && relativePath.length <= wireLimits.relativePath && { relativePath }),
    ...(previous !== undefined && { receipt: previous }),
    ...(minimumLife !== undefined && { minimumLife: Math.ceil(minimumLife) }),
  }
}

function toGrant(verdict: ReadVerdict): Grant<KitTypes> {
  if (verdict.ok) {
    const { receipt, target } = verdict
    if (target.type === 'post') return { ok: true, ref: receipt, target }
    const kind = target.type === 'unknown' ? target.kind : target.type
    const message = `The signer granted a target of type "${kind}", which this version of the kit does not know. Update it.`
    return { ok: false, error: new UploadError('unsupported-target', 'never', message) }
  }
  const { code, message, limit, actual } = verdict.error
  const error = new UploadError(
    code,
    code === 'expired' ? 'restart' : 'never',
    `The signer refuses the file: ${message}`,
    {
      ...(limit !== undefined && { limit }),
      ...(actual !== undefined && { actual }),
      // All other codes have words in the user's own language.
      ...(code === 'refused' && { userMessage: message }),
    },
  )
  return { ok: false, error }
}

function confirmProblem({ code, detail }: ReadProblem, status: number): UploadError | undefined {
  const message = `The app's server did not take the upload: ${detail}`
  switch (code) {
    case 'refused':
      return new UploadError('confirm-failed', 'never', message, { status, userMessage: detail })
    case 'receipt-invalid':
      return new UploadError('confirm-failed', 'never', message, { status })
    case 'not-stored':
    case 'expired':
      return new UploadError('confirm-failed', 'restart', message, { status })
    case 'confirm-failed':
      return new UploadError('confirm-failed', 'later', message, { status })
    default:
      return undefined
  }
}

function parseAnswer<T>(endpoint: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause
    throw badAnswer(
      endpoint,
      `${cause.message} Is the endpoint right, and does it lead to the upload handler?`,
      cause,
    )
  }
}
