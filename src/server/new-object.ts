/** Where a new file goes: the server chooses, and chooses the same again for an upload in parts that is asked for twice. */
import type { SignFile } from '../protocol/wire.ts'
import { Refused } from './admit.ts'
import type { CallContext } from './call-context.ts'
import type { UploadedFile } from './contexts.ts'
import { keyProblem, sanitizeFileName } from './keys.ts'
import { isReject, rejectCodeOf } from './reject.ts'

/** A file that the rules let pass. */
export interface NewFile {
  readonly file: SignFile
  /** The Content-Type that the object gets. */
  readonly type: string
  readonly metadata: unknown
  readonly inParts: boolean
}

/** Its place. */
export interface Place {
  readonly described: UploadedFile
  /** Where the bytes go. */
  readonly key: string
  /** Where the object goes once it is taken; undefined: it stays. */
  readonly finalKey: string | undefined
  /** Of this upload alone; the object of a promoted one carries it. */
  readonly uuid: string
  /** The upload in parts that an earlier call for the same item began. */
  readonly openUpload: string | undefined
}

/**
 * Finds a place for a new file.
 * @throws Refused if the app's `key` rejects it or makes what cannot be a key
 */
export async function findPlace(asked: NewFile, context: CallContext): Promise<Place> {
  if (!asked.inParts) return placeAt(crypto.randomUUID(), asked, context)
  const { bucket, session, receipts, routeName, userId } = context
  const { id, name, size, reason, receipt, metadata, partChecksum } = asked.file
  // A restart begins anew; asked for twice, it begins the same anew.
  const after = reason === 'restart' ? (receipt ?? null) : null
  // Digests of parts too: an upload that was begun with others is another one.
  const facts = [routeName, id, name, size, asked.type, metadata, after, partChecksum]
  const uuid = await receipts.derive(facts, userId)
  const place = await placeAt(uuid, asked, context)
  // Only where the key is this item's alone: an app's fixed key may have another user's upload open.
  if (!place.key.includes(uuid)) return place
  const openUpload = (await bucket.uploadsOf(place.key, session)).at(-1)
  if (openUpload !== undefined) return { ...place, openUpload }
  // Completed before: what is stored, and perhaps confirmed, is not replaced.
  const isTaken = (await bucket.find(place.key, session)) !== undefined
  return isTaken ? placeAt(crypto.randomUUID(), asked, context) : place
}

async function placeAt(uuid: string, asked: NewFile, context: CallContext): Promise<Place> {
  const { promote } = context.route
  const described = describe(asked, uuid)
  const chosen = await chooseKey(described, asked.metadata, context)
  const place = { described, uuid, openUpload: undefined }
  if (promote === undefined) return { ...place, key: chosen, finalKey: undefined }
  return { ...place, key: `${promote}${described.uniqueName}`, finalKey: chosen }
}

/** What callbacks are told of a file. */
export function describe(
  { file, type }: { readonly file: SignFile; readonly type: string },
  uuid: string,
): UploadedFile {
  const { id, name, size, lastModified, relativePath } = file
  const safeName = sanitizeFileName(name)
  return {
    id,
    name,
    safeName,
    uniqueName: `${uuid}/${safeName}`,
    size,
    type,
    ...(lastModified !== undefined && { lastModified }),
    ...(relativePath !== undefined && { relativePath }),
  }
}

async function chooseKey(
  file: UploadedFile,
  metadata: unknown,
  { route, user, report }: CallContext,
): Promise<string> {
  const { prefix = '' } = route
  let key: unknown
  try {
    key = route.key ? await route.key({ file, user, metadata }) : prefix + file.uniqueName
  } catch (error) {
    if (isReject(error)) throw new Refused('refused', error.message, rejectCodeOf(error, route))
    throw error
  }
  const problem = typeof key === 'string' ? problemOf(key, prefix) : 'is no string'
  if (problem === undefined && typeof key === 'string') return key
  report(
    new TypeError(
      `key() made a key that ${problem}. Use file.safeName in place of file.name, or file.uniqueName.`,
    ),
    'making a key',
  )
  throw new Refused('refused', 'The file cannot be stored under its name. Rename the file.')
}

const problemOf = (key: string, prefix: string): string | undefined =>
  keyProblem(key) ??
  (key.startsWith(prefix) ? undefined : `does not begin with the route's prefix ${JSON.stringify(prefix)}`)
