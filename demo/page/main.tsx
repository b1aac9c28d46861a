import '../../src/styles.css'
import './page.css'
import { QueryClient, QueryClientProvider, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { S3Uploader } from '../../src/index.ts'
import { storedFilesKey, StoredFiles } from './stored-files.tsx'

// For trying things out: `?stallTimeout=3000&concurrency=2` in the address.
const search = new URLSearchParams(location.search)
const numberOf = (name: string): number | undefined => Number(search.get(name)) || undefined

function Page(): ReactNode {
  const queries = useQueryClient()
  const stored = { queryKey: storedFilesKey }
  return (
    <div className="page">
      <header>
        <h1>s3-upload-kit</h1>
        <p>Files go from this browser straight to S3. The signer never sees a byte of them.</p>
      </header>
      <main>
        <section aria-labelledby="upload">
          <h2 id="upload">Upload</h2>
          <S3Uploader
            endpoint="/api/uploads"
            stallTimeout={numberOf('stallTimeout')}
            concurrency={numberOf('concurrency')}
            // Each file shows up when it is stored; a list that is being read already will do until all are.
            onSuccess={() => void queries.invalidateQueries(stored, { cancelRefetch: false })}
            onSettled={() => void queries.invalidateQueries(stored)}
          />
        </section>
        <StoredFiles />
      </main>
    </div>
  )
}

const root = document.getElementById('root')
if (!root) throw new Error('The page has no element with the id "root".')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={new QueryClient()}>
      <Page />
    </QueryClientProvider>
  </StrictMode>,
)
