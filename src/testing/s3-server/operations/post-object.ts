/** POST of an object by a browser's form (AWS: RESTObjectPOST; FACTS 1). */
import { checkPostPolicy, policySizeLimits, type PostFormField } from '../../../s3/policy-check.ts'
import { parsePostPolicy, type PostPolicy } from '../../../s3/policy-grammar.ts'
import { missingField } from '../auth/credential.ts'
import { verifyForm } from '../auth/form-auth.ts'
import { formActions, requireActions } from '../auth/permissions.ts'
import { maxRequestSize } from '../body/payload.ts'
import { receive } from '../body/receive.ts'
import type { ServerState } from '../call.ts'
import { expectedChecksum } from '../checksums/expectation.ts'
import { notImplemented, S3Error } from '../errors.ts'
import { readPostForm } from '../form/post-form.ts'
import type { Answer } from '../http/answer.ts'
import type { RequestBody } from '../http/body.ts'
import type { S3Request } from '../http/request.ts'
import { readAttributes } from './attributes.ts'
import { postAnswer } from './post-answer.ts'
import { checksumOf, requireKey } from './put-object.ts'
import { parseTagging } from './tags.ts'

/** What POST is given: nobody has been verified yet, since the signature stands in the form. */
export interface PostCall {
  readonly state: ServerState
  readonly request: S3Request
  readonly body: RequestBody
  readonly alter?: ((chunk: Uint8Array, before: number) => Uint8Array) | undefined
}

type Fields = ReadonlyMap<string, PostFormField>

/**
 * 204, 200, 201 or 303. @throws S3Error whatever is wrong with form, signature, policy or file, in S3's
 * order and words
 */
export async function postObject(call: PostCall): Promise<Answer> {
  const { state, request, body } = call
  const { catalog } = state
  const bucket = request.bucket ?? ''
  // R2: "POST, which performs uploads via native HTML forms, is not currently supported".
  if (state.dialect === 'r2') throw new S3Error('NotImplemented', { message: 'PostObject not implemented' })
  refuseOtherAuth(request)
  if (request.headers.has('transfer-encoding')) throw notImplemented('Transfer-Encoding')
  const form = await readPostForm(body, request.headers.get('content-type') ?? '')
  catalog.bucket(bucket)
  const fields = expandFileName(form.fields, form.fileName)
  const get = (name: string) => fields.get(name)?.value
  const key = get('key')
  if (key === undefined) throw missingField('key')

  const caller = verifyForm(fields, { ring: state.ring, region: state.region, now: state.now() })
  const policy = readPolicy(caller.policy)
  const check = () => {
    const refusal = checkPostPolicy(policy, { bucket, fields }, state.now())
    if (refusal) throw new S3Error(refusal.code, { message: refusal.message })
  }
  check()
  if (caller.keyPrefix !== undefined && !key.startsWith(caller.keyPrefix)) throw new S3Error('AccessDenied')
  requireActions(caller.actions, formActions(get))
  if (key === '') throw missingField('key')
  requireKey(key)
  const attributes = readAttributes({
    get,
    metadata: [...fields].flatMap(([name, { value }]) =>
      name.startsWith('x-amz-meta-') ? [[name.slice('x-amz-meta-'.length), value] as const] : [],
    ),
    // XML of another kind would make S3 store no tags and say nothing; it is refused here.
    tags: fields.has('tagging') ? parseTagging(get('tagging') ?? '') : [],
    keepsAcls: state.unsignedHeaders !== 'refused',
  })

  const { min, max } = policySizeLimits(policy)
  const received = await receive(catalog.storage, limited(form.file, Math.min(max, maxRequestSize)), {
    contentMd5: get('content-md5'),
    checksum: formChecksum(fields),
    allow(size) {
      if (size < min) {
        throw new S3Error('EntityTooSmall', {
          fields: [
            ['ProposedSize', String(size)],
            ['MinSizeAllowed', String(min)],
          ],
        })
      }
      // When S3 looks at the clock is not known (FACTS 1.2, 9): so the policy must hold at both ends.
      check()
    },
    alter: call.alter,
  })
  const etag = received.md5.toString('hex')
  const checksum = checksumOf(received)
  await catalog.putObject(
    {
      bucket,
      key,
      size: received.blob.size,
      etag,
      modifiedAt: state.now().getTime(),
      attributes,
      checksum,
      blobs: [received.blob],
    },
    () => undefined,
  )
  return postAnswer({ request, bucket, key, etag, checksum, get })
}

/** Signatures belong into the form (AWS: "does not accept query string authentication parameters"). */
function refuseOtherAuth(request: S3Request): void {
  const inQuery = request.query.entries.some(([name]) =>
    /^x-amz-(?:algorithm|credential|signature)$/i.test(name),
  )
  if (inQuery || request.headers.has('authorization')) {
    throw new S3Error('InvalidRequest', {
      message: 'Conflicting values provided in HTTP headers and POST form fields.',
    })
  }
}

/**
 * `${filename}` in any field, before the policy is compared. A file part without a name leaves the variable as it
 * is, which is how S3 was recorded, though its documentation says otherwise.
 */
function expandFileName(fields: Fields, fileName: string | undefined): Fields {
  if (fileName === undefined) return fields
  return new Map(
    [...fields].map(([name, field]) => [
      name,
      { ...field, value: field.value.replaceAll('${filename}', () => fileName) },
    ]),
  )
}

function readPolicy(base64: string): PostPolicy {
  const bytes = Buffer.from(base64, 'base64')
  const text = bytes.toString()
  const plain = bytes.toString('base64') === base64 && Buffer.from(text).equals(bytes)
  const policy = plain ? parsePostPolicy(text) : { mistake: 'Invalid Policy: invalid Base64 encoding.' }
  if ('mistake' in policy) throw new S3Error('InvalidPolicyDocument', { message: policy.mistake })
  return policy
}

function formChecksum(fields: Fields) {
  const names = [...fields.keys()].filter((name) => name.startsWith('x-amz-checksum-'))
  // AWS's table of form fields has the four older algorithms only.
  if (names.includes('x-amz-checksum-crc64nvme')) throw notImplemented('x-amz-checksum-crc64nvme')
  return expectedChecksum(names, (name) => fields.get(name)?.value)
}

/** Counts on to the end of what is too large, as S3's error tells the size. */
async function* limited(
  file: AsyncIterable<Uint8Array>,
  max: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0
  for await (const chunk of file) {
    size += chunk.length
    if (size <= max) yield chunk
  }
  if (size > max) {
    throw new S3Error('EntityTooLarge', {
      fields: [
        ['ProposedSize', String(size)],
        ['MaxSizeAllowed', String(max)],
      ],
    })
  }
}
