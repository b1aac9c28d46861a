/** The signing servers of Fine Uploader S3, Signature Version 4: they see and sign what the browser writes. */
import { toUploadError, UploadError } from '../../core/errors.ts'
import type {
  BackendCall,
  Entries,
  Grant,
  SignedPart,
  UploadBackend,
  UploadRequest,
} from '../../core/ports.ts'
import { partSizeFor } from '../../protocol/part-plan.ts'
import { createAppServer } from './app.ts'
import { metadataOf, paramsOf, storageOf, textsOf } from './metadata.ts'
import { nameObject, optionsOf, parseRef, placeOf } from './place.ts'
import { scopeAt, writePolicy } from './policy.ts'
import { createPartsStorage } from './storage.ts'
import type { FineUploaderOptions, FineUploaderRef, FineUploaderTypes } from './types.ts'

/** Seconds that a policy lives, unless the file needs longer. */
const policyLife = 300
/** Seconds; S3 takes a signed request for 15 minutes. */
const requestLife = 600
const fiveMebibytes = 5 * 1024 ** 2

/**
 * The backend for Fine Uploader's servers, with Signature Version 4. Its options have the names that they have there.
 * @example
 * fineUploader({
 *   request: { endpoint: 'https://bucket.s3.eu-west-1.amazonaws.com', accessKey: 'AKIA…' },
 *   objectProperties: { region: 'eu-west-1' },
 *   signature: { endpoint: '/s3handler' },
 *   uploadSuccess: { endpoint: '/s3handler?success' },
 *   chunking: {},
 * })
 */
export function fineUploader(options: FineUploaderOptions): UploadBackend<FineUploaderTypes> {
  const { chunking, objectProperties, request, uploadSuccess, validation = {} } = options
  const { sizeLimit = 0, minSizeLimit = 0 } = validation
  const app = createAppServer(options, () => placeOf(request.endpoint, objectProperties).bucket)
  const storage = createPartsStorage(options, app)
  const wanted = chunking?.partSize ?? fiveMebibytes
  const asks = chunking?.askStorage === true

  /** Of files that have no grant yet. One file may be in the list twice. */
  const named = new WeakMap<Blob, Map<string, FineUploaderRef>>()
  async function nameOnce(file: UploadRequest<FineUploaderTypes>): Promise<FineUploaderRef> {
    if (file.previous) return file.previous
    const names = named.get(file.source) ?? new Map<string, FineUploaderRef>()
    named.set(file.source, names)
    const ref = names.get(file.id) ?? (await nameObject(file, options))
    names.set(file.id, ref)
    return ref
  }

  const isLarge = (size: number): boolean =>
    chunking !== undefined && (chunking.mandatory === true || size > partSizeFor(size, wanted))

  async function grant(
    file: UploadRequest<FineUploaderTypes>,
    call: BackendCall,
  ): Promise<Grant<FineUploaderTypes> & { ok: true }> {
    const { size, accepts } = file
    const ref = await nameOnce(file)
    const mayPart = chunking !== undefined && accepts.includes('multipart')
    if (mayPart && (isLarge(size) || !accepts.includes('post'))) return grantParts(file, ref, call)
    if (!accepts.includes('post'))
      throw new UploadError(
        'not-supported',
        'never',
        'The store takes no forms: files must go in parts (chunking: {}).',
      )
    const life = Math.max(policyLife, Math.ceil(file.minimumLife ?? 0))
    const { document, fields } = writePolicy(file, ref, scopeAt(call, options), life, options)
    const { policy, signature } = await app.signPolicy(document, call)
    const { uploadId: _, ...whole } = ref
    return {
      ok: true,
      ref: whole,
      target: {
        type: 'post',
        urls: [placeOf(ref.endpoint ?? request.endpoint, objectProperties).url],
        fields: [...fields, ['policy', policy], ['x-amz-signature', signature]],
        success: [200],
        expiresIn: life,
      },
    }
  }

  async function grantParts(
    file: UploadRequest<FineUploaderTypes>,
    ref: FineUploaderRef,
    call: BackendCall,
  ): Promise<Grant<FineUploaderTypes> & { ok: true }> {
    const { key, bucket, uploadId: last } = ref
    const target = {
      type: 'multipart',
      partSize: partSizeFor(file.size, wanted),
      object: { bucket, key },
    } as const
    if (last !== undefined && file.reason === 'renew')
      return { ok: true, ref, target: { ...target, stored: asks ? 'ask' : [] } }
    const { acl, storageClass, encryption } = storageOf(file, options)
    const headers: Entries = [
      ...acl.map(([, value]) => ['x-amz-acl', value] as const),
      ...storageClass,
      ...encryption,
      ...metadataOf(file, options),
      ...(file.type === '' ? [] : [['Content-Type', file.type] as const]),
    ]
    const uploadId = await storage.begin(ref, headers, call)
    return { ok: true, ref: { ...ref, uploadId }, target: { ...target, stored: [] } }
  }

  return {
    name: `fine-uploader:${request.endpoint}`,
    batchSize: 1,
    // A signature leaves no trace; a begun upload does, and so may the app's own function.
    signsAhead: ({ size }) => !isLarge(size) && typeof objectProperties?.key !== 'function',
    parseRef,
    createUploads: (files, call) =>
      Promise.all(
        files.map((file) =>
          grant(file, call).catch((cause: unknown) => ({
            ok: false as const,
            error: toUploadError(cause, 'asking for a target'),
          })),
        ),
      ),
    ...(chunking && {
      multipart: {
        partChecksum: 'sha256',
        async signParts(ref, parts, call) {
          const outcomes = await Promise.allSettled(
            parts.map(async ({ number, checksum }): Promise<SignedPart> => {
              const signed = await storage.signPart(ref, number, checksum, call)
              return { number, request: signed, expiresIn: requestLife }
            }),
          )
          // Each is a call of its own: what one of them fails at is no reason to throw the others away.
          const signed = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
          const failure = outcomes.find((one) => one.status === 'rejected')
          if (failure && signed.length === 0) throw toUploadError(failure.reason, 'signing a part')
          return { parts: signed }
        },
        ...(asks && { listParts: storage.list }),
        complete: storage.complete,
        abort: storage.abort,
      },
    }),
    ...(asks && { probe: storage.look }),
    async confirm(ref, stored, file, call) {
      const own = optionsOf(file).uploadSuccess
      const endpoint = own?.endpoint ?? uploadSuccess?.endpoint
      if (endpoint === undefined) return null
      const isWhole = ref.uploadId === undefined
      const said = new Map([
        ...textsOf(uploadSuccess?.params),
        ...textsOf(own?.params),
        ['key', ref.key] as const,
        ['uuid', ref.uuid] as const,
        ['name', file.name] as const,
        ['bucket', ref.bucket] as const,
        // After an upload in parts the original has none to tell.
        ...(isWhole && stored.etag !== undefined ? [['etag', stored.etag] as const] : []),
        ...paramsOf(file, options),
      ])
      return app.tellSuccess(endpoint, [...said], call)
    },
    ...(options.deleteFile && { deleteObject: app.remove }),
    ...(options.session && {
      list: async (_cursor: string | undefined, call: BackendCall) => ({ files: await app.list(call) }),
    }),
    limits: () =>
      Promise.resolve({
        ...(minSizeLimit > 0 && { minSize: minSizeLimit }),
        ...(sizeLimit > 0 && { maxSize: sizeLimit }),
        ...(chunking && { multipartFrom: chunking.mandatory ? 0 : partSizeFor(0, wanted) + 1 }),
      }),
  }
}
