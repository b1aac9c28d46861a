/** Uploads in parts that are open in the bucket: found again, and counted. */
import { Refused } from './admit.ts'
import type { Bucket, OpenUpload } from './storage/bucket-port.ts'
import type { Session } from './storage/send.ts'

/** The open uploads that one call looks at, each folder asked for once. */
export interface OpenUploads {
  /** Those of keys that begin so, the oldest first; at most a page, 1,000. */
  below(prefix: string): Promise<readonly OpenUpload[]>
  /**
   * Counts one more below the prefix.
   * @throws Refused if there are `most` already, those included that this call has begun
   */
  reserve(prefix: string, most: number): Promise<void>
}

/** Looks at the bucket once per prefix, so make it anew for each call. */
export function createOpenUploads(bucket: Bucket, session: Session): OpenUploads {
  const pages = new Map<string, Promise<readonly OpenUpload[]>>()
  const begun = new Map<string, number>()
  const below = (prefix: string): Promise<readonly OpenUpload[]> => {
    const page = pages.get(prefix) ?? listBelow(bucket, prefix, session)
    pages.set(prefix, page)
    return page
  }
  return {
    below,
    async reserve(prefix, most) {
      const open = (await below(prefix)).length
      const own = begun.get(prefix) ?? 0
      if (open + own >= most)
        throw new Refused(
          'signer-failed',
          `There are ${open + own} unfinished uploads in parts already. Finish or cancel some, then try again.`,
        )
      begun.set(prefix, own + 1)
    },
  }
}

/** The open uploads of keys that begin so, the oldest first; at most a page, 1,000. */
export async function listBelow(
  bucket: Bucket,
  prefix: string,
  session: Session,
): Promise<readonly OpenUpload[]> {
  const { uploads } = await bucket.openUploads(prefix, undefined, session)
  return uploads.toSorted((a, b) => a.initiated - b.initiated)
}

/**
 * What to list the open uploads of a key by: its first characters, or all of it on a store that finds uploads by whole keys
 * only. There, those that were begun with other options are not found, nor all of a user.
 */
export const listedBy = (
  key: string,
  length: number,
  { bucket }: { readonly bucket: Pick<Bucket, 'can'> },
): string => (bucket.can.listsUploads ? key.slice(0, length) : key)
