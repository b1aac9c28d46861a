import { fineUploader } from '../../../src/backends/index.ts'
import type { FineUploaderOptions } from '../../../src/backends/index.ts'
import { jsonAnswer, startAppServer } from '../../support/app-server.ts'
import { handle, kindOf } from '../../support/fine-uploader-server.ts'
import { backendConformance } from './index.ts'
import type { BackendBench, BenchPlace } from './stage.ts'

const partSize = 5 * 1024 ** 2

async function bench(
  { s3, bucket }: BenchPlace,
  chunking: FineUploaderOptions['chunking'],
): Promise<BackendBench> {
  const granted: { name: string; key: string }[] = []
  const app = await startAppServer({
    describe: (request) => ({ kind: kindOf(request), files: 1 }),
    handle: (request) => handle(request, { s3, bucket, granted, refuses: 'unwanted.bin' }),
  })
  const backend = fineUploader({
    request: { endpoint: `${s3.endpoint}/${bucket}`, accessKey: s3.credentials.accessKeyId },
    signature: { endpoint: `${app.url}/sign` },
    uploadSuccess: { endpoint: `${app.url}/success` },
    ...(chunking && { chunking }),
  })
  return { backend, app, granted }
}

const traits = {
  keepsKey: 'always',
  refuses: { name: 'unwanted.bin', userMessage: 'This file has not been approved.' },
  confirms: { refusal: jsonAnswer({ error: 'No room for it.' }), userMessage: 'No room for it.' },
} as const

backendConformance(
  'fineUploader, as servers of old allow it,',
  { ...traits, parts: { from: partSize + 1, partSize, lists: false } },
  (place) => bench(place, { partSize }),
)

backendConformance(
  'fineUploader, where S3 may be asked,',
  { ...traits, parts: { from: partSize + 1, partSize, lists: true } },
  (place) => bench(place, { partSize, askStorage: true }),
)
