/** Where a new file goes: the server chooses, and chooses the same again for an upload in parts that is asked for twice. */
import type { Json } from '../protocol/json.ts'
import type { SignFile } from '../protocol/wire.ts'
import { Refused } from './admit.ts'
import type { CallContext } from './call-context.ts'
import type { UploadContext, UploadedFile } from './contexts.ts'
import { keyProblem, sanitizeFileName } from './keys.ts'
import type { ObjectOptions } from './object-options.ts'
import { listedBy } from './open-uploads.ts'
import { toJson } from './problem.ts'
import { isReject, rejectCodeOf } from './reject.ts'
import { checkObject } from './route-checks.ts'
import { abortMarkerOf } from './upload-state.ts'

/** A file that the rules let pass. */
export interface NewFile {
  readonly file: SignFile
  /** The Content-Type that the object gets. */
  readonly type: string
  readonly metadata: unknown
  readonly inParts: boolean
  /** The receipt of the upload that this one replaces. */
  readonly restarts: string | undefined
}

/** Its place. */
export interface Place {
  readonly described: UploadedFile
  /** What the route's `object` says of it. */
  readonly options: ObjectOptions
  /** Where the bytes go. */
  readonly key: string
  /** Where the object goes once it is taken; undefined: it stays. */
  readonly finalKey: string | undefined
  /** Of this upload alone. */
  readonly uuid: string
  /** See {@link MultipartFacts}. */
  readonly stem?: number | undefined
  /** The upload in parts that an earlier call for the same item began. */
  readonly openUpload?: string | undefined
}

/** UUIDs of uploads in parts, by what they begin with: 8 digits of the user, 14 of the item, then 8 of the options. */
const [userDigits, itemDigits] = [8, 28]
/** Keys of one item that were used and given up before a random one is taken. */
const mostGenerations = 8

/**
 * Finds a place for a new file.
 * @throws Refused if the app's `key` rejects it or makes what cannot be a key, or if too many uploads are open
 */
export async function findPlace(asked: NewFile, context: CallContext): Promise<Place> {
  if (!asked.inParts) return placeAt(crypto.randomUUID(), asked, context)
  const { receipts, routeName, userId, openUploads } = context
  const { id, name, size, metadata, partChecksum } = asked.file
  const user = await receipts.derive(['uploads', routeName], userId)
  // Digests of parts too: an upload that was begun with others is another one.
  const item = [routeName, id, name, size, asked.type, metadata, asked.restarts ?? null, partChecksum]
  for (let generation = 0; generation < mostGenerations; generation += 1) {
    const stem = await receipts.derive([...item, generation], userId)
    const options = await objectOptions(describe(asked, stem), asked.metadata, context)
    const variant = await receipts.derive([...item, generation, digestible(options)], userId)
    // Other options are another object, so they begin another upload, whose key differs at its end only.
    const uuid = user.slice(0, userDigits) + stem.slice(userDigits, itemDigits) + variant.slice(itemDigits)
    const place = await placeAt(uuid, asked, context)
    const at = place.key.indexOf(uuid)
    const most = context.route.maxOpenUploads ?? defaultOpenUploads
    if (at < 0) {
      // An app's fixed key may have another user's upload open, so nothing is found again there.
      await openUploads.reserve(place.key, most)
      return place
    }
    const folder = listedBy(place.key, at + userDigits, context)
    const open = await openUploads.below(folder)
    const openUpload = open.findLast(({ key }) => key === place.key)?.uploadId
    if (openUpload !== undefined) return { ...place, stem: at + itemDigits, openUpload }
    // Completed or aborted before: that is not replaced, nor can it be confirmed again.
    if (await isUsed(place, context)) continue
    await openUploads.reserve(folder, most)
    return { ...place, stem: at + itemDigits }
  }
  return placeAt(crypto.randomUUID(), asked, context)
}

/** Uploads in parts that one user may have open, unless the route says otherwise. */
const defaultOpenUploads = 100

async function isUsed({ key, finalKey, uuid }: Place, { bucket, session }: CallContext): Promise<boolean> {
  const keys = finalKey === undefined ? [key] : [key, abortMarkerOf(key)]
  if (finalKey?.includes(uuid)) keys.push(finalKey)
  const found = await Promise.all(keys.map((one) => bucket.find(one, session)))
  return found.some((object) => object !== undefined)
}

/** Members in order: the same options written in another order are the same. */
function digestible(options: ObjectOptions): Json {
  const sorted = (value: Json): Json => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
    return members.map(([name, member]) => [name, sorted(member)])
  }
  return sorted(toJson(options, 'object()'))
}

async function placeAt(uuid: string, asked: NewFile, context: CallContext): Promise<Place> {
  const { promote } = context.route
  const described = describe(asked, uuid)
  const chosen = await chooseKey(described, asked.metadata, context)
  const options = await objectOptions(described, asked.metadata, context)
  const place = { described, options, uuid }
  if (promote === undefined) return { ...place, key: chosen, finalKey: undefined }
  return { ...place, key: `${promote}${described.uniqueName}`, finalKey: chosen }
}

async function objectOptions(
  file: UploadedFile,
  metadata: unknown,
  { route, user }: CallContext,
): Promise<ObjectOptions> {
  const upload: UploadContext<unknown, unknown> = { file, user, metadata }
  if (typeof route.object !== 'function') return route.object ?? {}
  const options = await route.object(upload)
  checkObject(options)
  return options
}

/** What callbacks are told of a file. */
function describe({ file, type }: NewFile, uuid: string): UploadedFile {
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
  { route, waitingFolders, user, report }: CallContext,
): Promise<string> {
  const { prefix = '' } = route
  let key: unknown
  try {
    key = route.key ? await route.key({ file, user, metadata }) : prefix + file.uniqueName
  } catch (error) {
    if (isReject(error)) throw new Refused('refused', error.message, rejectCodeOf(error, route))
    throw error
  }
  const problem = typeof key === 'string' ? problemOf(key, prefix, waitingFolders) : 'is no string'
  if (problem === undefined && typeof key === 'string') return key
  report(
    new TypeError(
      `key() made a key that ${problem}. Use file.safeName in place of file.name, or file.uniqueName.`,
    ),
    'making a key',
  )
  throw new Refused('refused', 'The file cannot be stored under its name. Rename the file.')
}

function problemOf(key: string, prefix: string, waitingFolders: readonly string[]): string | undefined {
  const folder = waitingFolders.find((waiting) => key.startsWith(waiting))
  if (folder !== undefined)
    return `lies in ${JSON.stringify(folder)}, where files wait to be promoted and old ones are removed`
  if (!key.startsWith(prefix)) return `does not begin with the route's prefix ${JSON.stringify(prefix)}`
  return keyProblem(key)
}
