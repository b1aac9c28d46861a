import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'

import { en } from '../../src/index.ts'

/** The query of what is in the bucket; uploads invalidate it. */
export const storedFilesKey = ['stored-files'] as const

interface StoredFile {
  key: string
  size: number
  lastModified: string
  url: string
}

const time = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

async function fetchStoredFiles(): Promise<StoredFile[]> {
  const answer = await fetch('/api/objects')
  if (!answer.ok) throw new Error(`status ${answer.status}`)
  const files: unknown = await answer.json()
  if (!Array.isArray(files)) throw new Error('the answer is no list')
  return files.filter(isStoredFile)
}

function isStoredFile(value: unknown): value is StoredFile {
  return typeof value === 'object' && value !== null && 'key' in value && 'url' in value && 'size' in value
}

/** What is in the bucket now, asked of S3 itself. */
export function StoredFiles(): ReactNode {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: storedFilesKey,
    queryFn: fetchStoredFiles,
  })
  return (
    <section aria-labelledby="stored">
      <h2 id="stored">In the bucket</h2>
      {isPending && <p className="hint">Asking S3 …</p>}
      {error && (
        <p role="alert" className="hint">
          S3 cannot be read ({error.message}).{' '}
          <button type="button" onClick={() => void refetch()}>
            Try again
          </button>
        </p>
      )}
      {data?.length === 0 && <p className="hint">Nothing yet. What you upload appears here, read from S3.</p>}
      {data && data.length > 0 && (
        <ul className="stored" aria-labelledby="stored">
          {data.map(({ key, size, lastModified, url }) => (
            <li key={key}>
              <a href={url} target="_blank" rel="noreferrer">
                <bdi>{key.slice(key.lastIndexOf('/') + 1)}</bdi>
              </a>
              <span className="facts">
                {en.size(size)} · <time dateTime={lastModified}>{time.format(new Date(lastModified))}</time>
              </span>
              <span className="key">
                <bdi>{key}</bdi>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
