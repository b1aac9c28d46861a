/** What is stored already: lists, short-lived addresses, removal; each only where the route allows it. */
import type { ListAnswer, ProbedFile, ViewedFile, WireStoredFile } from '../protocol/wire-actions.ts'
import type { CallContext } from './call-context.ts'
import { openReceipt, openUpload, secondsLeft } from './call-context.ts'
import { endParts } from './end-uploads.ts'
import { isYes, readFolder } from './hook-answers.ts'
import { keyProblem } from './keys.ts'
import { ProblemError } from './problem.ts'
import type { ReceiptFacts } from './receipt.ts'
import { liesIn } from './route-fit.ts'
import type { FoundObject, ListedObject } from './storage/bucket-port.ts'
import { isOwn } from './upload-mark.ts'
import { findPromoted, markAborted } from './upload-state.ts'
import { whatDiffers } from './verify.ts'

/** Seconds that an address for looking at a file lives. */
const viewLife = 300

/**
 * Did the object arrive? Nothing is told of objects that are not as granted.
 * @throws ProblemError
 */
export async function probeUpload(receipt: string, context: CallContext): Promise<ProbedFile> {
  const facts = await openUpload(receipt, context)
  const { bucket, session } = context
  const { key, finalKey } = facts
  const answer = (at: string, { size, etag }: FoundObject): ProbedFile => ({
    stored: { key: at, size, etag },
    location: bucket.locationOf(at),
  })
  const found = await bucket.find(key, session)
  if (found && whatDiffers(found, facts, bucket.can) === undefined) return answer(key, found)
  const taken = await findPromoted(facts, context)
  return finalKey !== undefined && taken ? answer(finalKey, taken) : { stored: null }
}

/**
 * Removes the file of a receipt, and ends what is open of its upload. With `promote` nothing of it can come back. Without
 * it, its sender can store the object once more while grants of it live.
 * @throws ProblemError 403 if the route does not allow it, 409 if the object there is another upload's
 */
export async function deleteFile(receipt: string, context: CallContext): Promise<object> {
  const facts = await openReceipt(receipt, context)
  const { key, finalKey = key } = facts
  const { bucket, session, route } = context
  if (!liesIn(facts, context) || !(await isAllowed(route.delete, finalKey, context)))
    throw new ProblemError(403, 'forbidden', 'You may not remove this file.')
  await markAborted(facts, context)
  await endParts(facts, context)
  const isThere = await isOwnThere(facts, context)
  if (finalKey !== key) await bucket.remove(key, session)
  if (isThere) await bucket.remove(finalKey, session)
  return {}
}

/**
 * A short-lived address of the file of a receipt.
 * @throws ProblemError 403 if the route does not allow it, 409 if the object is not there or another upload's
 */
export async function viewFile(receipt: string, context: CallContext): Promise<ViewedFile> {
  const facts = await openReceipt(receipt, context)
  const url = liesIn(facts, context) ? await addressOf(facts.finalKey ?? facts.key, context) : undefined
  if (!url) throw new ProblemError(403, 'forbidden', 'You may not see this file.')
  if (await isOwnThere(facts, context)) return url
  throw notStored('The file is not in the bucket.')
}

const notStored = (why: string): ProblemError => new ProblemError(409, 'not-stored', why)

/**
 * Is the object of a receipt where it belongs? Where no other upload can go to the key, nobody asks.
 * @throws ProblemError 409 if there is another upload's object
 */
async function isOwnThere(facts: ReceiptFacts, { bucket, session }: CallContext): Promise<boolean> {
  const { kind, key, finalKey = key, isUnique } = facts
  if (kind === 'stored' || (isUnique === true && finalKey === key)) return true
  const found = await bucket.find(finalKey, session)
  if (!found || isOwn(found, facts)) return found !== undefined
  throw notStored('The file in the bucket is of another upload.')
}

/**
 * A page of the files below what `list` says.
 * @throws ProblemError 403 if the route has no list
 */
export async function listFiles(cursor: string | undefined, context: CallContext): Promise<ListAnswer> {
  const { bucket, session, route, user } = context
  if (!route.list) throw new ProblemError(403, 'forbidden', 'The files of this route cannot be listed.')
  const folder = readFolder(await route.list({ user }))
  if (
    !folder.endsWith('/') ||
    keyProblem(`${folder}x`) !== undefined ||
    !folder.startsWith(route.prefix ?? '')
  )
    throw new TypeError(
      "list() must return a folder below the route's prefix, ending in a slash: `users/4` would show `users/42/` too.",
    )
  const page = await bucket.list(folder, cursor, session)
  const files = page.files.filter(({ key }) => key !== folder)
  return {
    v: 1,
    files: await Promise.all(files.map((file) => describeStored(file, context))),
    ...(page.cursor !== undefined && { cursor: page.cursor }),
  }
}

async function describeStored(file: ListedObject, context: CallContext): Promise<WireStoredFile> {
  const { receipts, userId, routeName, session } = context
  const { key, size, lastModified } = file
  const name = key.slice(key.lastIndexOf('/') + 1)
  const facts = {
    kind: 'stored',
    route: routeName,
    id: '',
    key,
    name,
    size,
    type: '',
    headers: [],
    record: null,
  } as const
  const receipt = await receipts.issue({ ...facts, issued: session.now }, userId)
  const address = await addressOf(key, context)
  return {
    receipt,
    name,
    size,
    ...(Number.isFinite(lastModified) && { lastModified }),
    ...(address && { url: address.url }),
  }
}

async function addressOf(
  key: string,
  context: CallContext,
): Promise<{ url: string; expiresIn: number } | undefined> {
  const { bucket, session, route } = context
  if (!(await isAllowed(route.view, key, context))) return undefined
  const expiresIn = Math.min(viewLife, secondsLeft(session))
  const { url } = await bucket.presign({ method: 'GET', key, expiresIn }, session)
  return { url, expiresIn }
}

type Permission = boolean | ((file: { key: string; user: unknown }) => boolean | Promise<boolean>) | undefined

async function isAllowed(may: Permission, key: string, { user, report }: CallContext): Promise<boolean> {
  return typeof may === 'function'
    ? isYes(await may({ key, user }), 'view() or delete()', report)
    : may === true
}
