/** The client of our own signer, `createUploadHandler()` of `s3-upload-kit/server`. */
import { toUploadError } from '../core/errors.ts'
import type { BackendCall, Grant, UploadBackend, UploadRequest } from '../core/ports.ts'
import {
  parseCompleted,
  parseLimits,
  parseList,
  parseSignedParts,
  parseStoredParts,
} from '../protocol/action-answers.ts'
import { parseSignAnswer } from '../protocol/answers.ts'
import { ProtocolError } from '../protocol/json.ts'
import { defaultRoute, wireLimits } from '../protocol/limits.ts'
import { checksumAlgorithms } from '../protocol/wire.ts'
import type { JsonServerOptions } from './http-json.ts'
import { badAnswer } from './http-json.ts'
import { uploadProblem } from './kit-errors.ts'
import { toGrant, toStored, toWire, unsendable } from './kit-files.ts'
import type { SignerClient } from './kit-signer.ts'
import { createSignerClient } from './kit-signer.ts'
import type { KitRef, KitTypes } from './kit-types.ts'

/** Options of {@link kit}. */
export interface KitOptions extends JsonServerOptions {
  /** Which of the router's routes. Default: the only one of a handler without a router. */
  readonly route?: string
}

/**
 * The backend for our own signer: targets for 50 files in one call, a receipt per file, and the app's answer at the end.
 * @example createUploader({ backend: kit({ endpoint: '/api/uploads' }) })
 */
export function kit(options: KitOptions): UploadBackend<KitTypes> {
  const { route = defaultRoute } = options
  const own = withRoute(options)
  const signers = new Map<string, SignerClient>()
  function signerAt(endpoint: string): SignerClient {
    const signer = signers.get(endpoint) ?? createSignerClient({ ...options, endpoint })
    signers.set(endpoint, signer)
    return signer
  }
  const signerOf = (file: { readonly options?: unknown }): SignerClient => signerAt(endpointOf(file) ?? own)
  const open = (ref: KitRef): { signer: SignerClient; receipt: string } =>
    typeof ref === 'string'
      ? { signer: signerAt(own), receipt: ref }
      : { signer: signerAt(ref.endpoint), receipt: ref.receipt }
  const refOf = (endpoint: string, receipt: string): KitRef =>
    endpoint === own ? receipt : { endpoint, receipt }

  /** The verdicts on files of one address. */
  async function sign(
    signer: SignerClient,
    files: readonly UploadRequest<KitTypes>[],
    call: BackendCall,
  ): Promise<readonly Grant<KitTypes>[]> {
    const wire = files.map((file) =>
      toWire(file, file.previous === undefined ? undefined : open(file.previous).receipt),
    )
    const verdicts = await signer.ask({ v: 1, action: 'sign', files: wire }, call, (text) =>
      parseSignAnswer(text, files.length),
    )
    const grants = verdicts.map((verdict): Grant<KitTypes> =>
      verdict instanceof ProtocolError
        ? { ok: false, error: signer.unusable(verdict) }
        : toGrant(verdict, (receipt) => refOf(signer.endpoint, receipt)),
    )
    files.forEach((file, at) => learn(signer, file, grants[at]))
    return grants
  }

  return {
    name: `kit:${own}`,
    batchSize: 50,
    // A grant of a whole file is only a signature; what `prepare` made is given back by `release`. An upload in parts
    // that nobody goes on with costs room.
    signsAhead: (file) => file.size < signerOf(file).partsFrom,
    parseRef,
    async createUploads(files, call) {
      const groups = new Map<SignerClient, UploadRequest<KitTypes>[]>()
      for (const file of files)
        if (unsendable(file) === undefined) {
          const signer = signerOf(file)
          groups.set(signer, [...(groups.get(signer) ?? []), file])
        }
      const grants = new Map<UploadRequest<KitTypes>, Grant<KitTypes>>()
      await Promise.all(
        [...groups].map(async ([signer, group]) => {
          try {
            const made = await sign(signer, group, call)
            group.forEach((file, at) => grants.set(file, made[at] ?? missing(signer)))
          } catch (cause) {
            // Another signer's trouble must not take back what this one granted.
            if (groups.size === 1) throw cause
            const error = toUploadError(cause, 'asking for targets')
            for (const file of group) grants.set(file, { ok: false, error })
          }
        }),
      )
      return files.map((file) => {
        const error = unsendable(file)
        return error ? { ok: false, error } : (grants.get(file) ?? missing(signerOf(file)))
      })
    },
    multipart: {
      async signParts(ref, parts, call) {
        const { signer, receipt } = open(ref)
        const request = { v: 1, action: 'sign-parts', receipt, parts } as const
        const signed = await signer.ask(request, call, parseSignedParts, uploadProblem)
        return {
          parts: signed.map(({ number, url, headers, expiresIn }) => ({
            number,
            request: { url, headers },
            expiresIn,
          })),
        }
      },
      listParts(ref, call) {
        const { signer, receipt } = open(ref)
        return signer.ask({ v: 1, action: 'list-parts', receipt }, call, parseStoredParts, uploadProblem)
      },
      async complete(ref, parts, call) {
        const { signer, receipt } = open(ref)
        const sent = parts.map(
          ({ number, etag, checksum }) =>
            [number, etag?.replaceAll('"', '') ?? null, checksum?.value ?? null] as const,
        )
        const request = { v: 1, action: 'complete', receipt, parts: sent } as const
        const stored = await signer.ask(request, call, parseCompleted, uploadProblem)
        if (!stored) throw badAnswer(signer.endpoint, 'It completed an upload, and there is no object.')
        return toStored(stored)
      },
      abort: (ref, call) => open(ref).signer.abort(open(ref).receipt, call),
    },
    async probe(ref, call) {
      const { signer, receipt } = open(ref)
      const stored = await signer.probe(receipt, call)
      return stored ? toStored(stored) : 'absent'
    },
    async confirm(ref, _stored, file, call) {
      const { signer, receipt } = open(ref)
      // A large file's promotion copies it, which takes S3 minutes: nobody else should wait for that.
      const ask = file.size < signer.partsFrom ? signer.confirm : signer.confirmAlone
      return (await ask(receipt, call)).result
    },
    release: (ref, call) => open(ref).signer.abort(open(ref).receipt, call),
    deleteObject: (ref, call) => open(ref).signer.remove(open(ref).receipt, call),
    async view(ref, call) {
      const { signer, receipt } = open(ref)
      const { url, expiresIn } = await signer.view(receipt, call)
      return { url, expiresIn }
    },
    async list(cursor, call) {
      const request = { v: 1, action: 'list', ...(cursor !== undefined && { cursor }) } as const
      const { files, ...more } = await signerAt(own).ask(request, call, parseList)
      const listed = files.map(({ receipt, name, size, url }) => ({
        ref: receipt,
        name,
        size,
        ...(url !== undefined && { url }),
      }))
      return { files: listed, ...more }
    },
    async limits(call) {
      const signer = signerAt(own)
      const limits = (await signer.get(call, parseLimits)).get(route)
      if (!limits) throw badAnswer(own, `It has no route ${route}.`)
      const { accept, minSize, maxSize, maxFiles, multipartFrom } = limits
      signer.partsFrom = multipartFrom ?? Infinity
      return {
        accept,
        minSize,
        maxSize,
        checksums: checksumAlgorithms.filter((one) => limits.checksums.includes(one)),
        ...(maxFiles !== undefined && { maxFiles }),
        ...(multipartFrom !== null && { multipartFrom }),
      }
    },
  }
}

const missing = ({ endpoint }: SignerClient): Grant<KitTypes> => ({
  ok: false,
  error: badAnswer(endpoint, 'A verdict is missing.'),
})

/** The route goes into the address, behind what is there already. */
function withRoute({ endpoint, route }: KitOptions): string {
  if (route === undefined) return endpoint
  const [address = '', fragment] = endpoint.split('#')
  const query = `${address.includes('?') ? '&' : '?'}route=${encodeURIComponent(route)}`
  return address + query + (fragment === undefined ? '' : `#${fragment}`)
}

/** The engine does not know what an app's options are, and `signsAhead` is asked with any. */
function endpointOf({ options }: { readonly options?: unknown }): string | undefined {
  const hasOne = typeof options === 'object' && options !== null && 'endpoint' in options
  return hasOne && typeof options.endpoint === 'string' ? options.endpoint : undefined
}

/** What a grant shows about the size from which on files go in parts. */
function learn(signer: SignerClient, file: UploadRequest, grant: Grant<KitTypes> | undefined): void {
  // Who can do one thing only gets that, or nothing.
  if (!grant?.ok || file.accepts.length < 2 || !file.accepts.includes('multipart')) return
  signer.partsFrom =
    grant.target.type === 'multipart'
      ? Math.min(signer.partsFrom, file.size)
      : Math.max(signer.partsFrom, file.size + 1)
}

function parseRef(value: unknown): KitRef | undefined {
  if (isReceipt(value)) return value
  if (typeof value !== 'object' || value === null || !('endpoint' in value) || !('receipt' in value)) return
  const { endpoint, receipt } = value
  return typeof endpoint === 'string' && endpoint !== '' && isReceipt(receipt)
    ? { endpoint, receipt }
    : undefined
}

const isReceipt = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= wireLimits.receipt
