/** What is in the bucket now, read from S3, for the page's second column. */
import { XMLParser } from 'fast-xml-parser'

import type { S3Credentials } from '../src/s3/credentials.ts'
import { encodeKey } from '../src/s3/key.ts'
import { createSigner } from '../src/s3/sigv4.ts'

/** One object, as the page shows it. */
export interface StoredObjectRow {
  key: string
  /** Bytes. */
  size: number
  /** ISO 8601. */
  lastModified: string
  /** A link that opens it, for an hour. */
  url: string
}

/** Where to look. */
export interface ListedBucket {
  /** The bucket's address, without a slash at the end. */
  bucketUrl: string
  region: string
  credentials: S3Credentials
}

const parser = new XMLParser({ isArray: (name) => name === 'Contents', parseTagValue: false })

/**
 * The newest objects first, 1,000 at most.
 * @throws Error if S3 refuses
 */
export async function listObjects({
  bucketUrl,
  region,
  credentials,
}: ListedBucket): Promise<StoredObjectRow[]> {
  const signer = createSigner({ credentials, region })
  const list = await signer.presign({ method: 'GET', url: `${bucketUrl}?list-type=2`, expiresIn: 60 })
  const answer = await fetch(list.url)
  const text = await answer.text()
  if (!answer.ok)
    throw new Error(`S3 does not list the bucket: status ${answer.status}. ${text.slice(0, 500)}`)
  const rows = contentsOf(parser.parse(text)).map(async ({ key, size, lastModified }) => {
    const url = `${bucketUrl}/${encodeKey(key)}`
    const link = await signer.presign({ method: 'GET', url, expiresIn: 3600 })
    return { key, size, lastModified, url: link.url }
  })
  return (await Promise.all(rows)).toSorted((a, b) => b.lastModified.localeCompare(a.lastModified))
}

function contentsOf(document: unknown): Omit<StoredObjectRow, 'url'>[] {
  const found = at(at(document, 'ListBucketResult'), 'Contents')
  if (!Array.isArray(found)) return []
  return found.map((one: unknown) => ({
    key: String(at(one, 'Key')),
    size: Number(at(one, 'Size')),
    lastModified: String(at(one, 'LastModified')),
  }))
}

function at(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined
}
