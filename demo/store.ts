import type { StorageOptions } from '../src/server/index.ts'
import { storeCapabilities } from '../src/server/index.ts'
import { startS3Server } from '../src/testing/s3-server/index.ts'
import { inFreeFolder, onFreePort } from './listen.ts'
import type { DemoStore } from './options.ts'
import type { ListedBucket } from './stored-objects.ts'

/** Where the demo's files are, for the signer and for the list. */
export interface OpenStore extends ListedBucket {
  storage: StorageOptions
  endpoint: string
  /** Where a local store keeps its objects. */
  directory?: string
  close(): Promise<void>
}

/** Opens nothing but the local S3, which listens on loopback: they are no secret. */
const localCredentials = { accessKeyId: 'demo', secretAccessKey: 'demo-secret-for-loopback-only' }

/**
 * Starts the local S3 with its bucket and a CORS rule for the page's origin only; or points at a real one, whose
 * bucket and CORS are yours.
 */
export async function openStore(
  store: DemoStore,
  page: string,
  say: (line: string) => void,
): Promise<OpenStore> {
  const { bucket, region } = store
  if (store.kind === 'remote') {
    const { endpoint, credentials, forcePathStyle, preset } = store
    const { protocol, host } = new URL(endpoint)
    return {
      storage: {
        bucket,
        region,
        endpoint,
        credentials,
        ...(forcePathStyle && { forcePathStyle }),
        ...(preset && { capabilities: storeCapabilities[preset] }),
      },
      endpoint,
      region,
      credentials,
      bucketUrl: forcePathStyle ? `${protocol}//${host}/${bucket}` : `${protocol}//${bucket}.${host}`,
      close: async () => undefined,
    }
  }
  const start = (directory: string, port: number): ReturnType<typeof startS3Server> =>
    startS3Server({ port, directory, region, credentials: [localCredentials] })
  const { server, directory } = await inFreeFolder(
    store.directory,
    async (folder) => ({
      server: await onFreePort('S3', store.port, (port) => start(folder, port), say),
      directory: folder,
    }),
    say,
  )
  await server.createBucket(bucket, {
    cors: [
      {
        allowedOrigins: [page],
        allowedMethods: ['POST', 'PUT'],
        allowedHeaders: ['*'],
        exposeHeaders: ['ETag', 'Location'],
        maxAgeSeconds: 3000,
      },
    ],
  })
  return {
    storage: {
      bucket,
      region,
      endpoint: server.endpoint,
      forcePathStyle: true,
      credentials: localCredentials,
      // As AWS does, so that the signer need not ask.
      capabilities: { unsignedHeaders: 'refused' },
    },
    endpoint: server.endpoint,
    directory,
    region,
    credentials: localCredentials,
    bucketUrl: `${server.endpoint}/${bucket}`,
    close: () => server.close(),
  }
}
