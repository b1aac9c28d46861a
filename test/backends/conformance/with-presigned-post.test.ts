/** The boto3 endpoint of PROTOCOLS 5, signed by the official SDK. */
import { S3Client } from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'

import { presignedPost } from '../../../src/backends/index.ts'
import { jsonAnswer, startAppServer } from '../../support/app-server.ts'
import { backendConformance } from './index.ts'

backendConformance('presignedPost', { keepsKey: 'never', hasNoRef: true }, async ({ s3, bucket }) => {
  const granted: { name: string; key: string }[] = []
  const client = new S3Client({
    endpoint: s3.endpoint,
    region: s3.region,
    credentials: { ...s3.credentials },
    forcePathStyle: true,
  })
  const app = await startAppServer({
    describe: () => ({ kind: 'create', files: 1 }),
    async handle({ method, path, text }) {
      const body: unknown = JSON.parse(text)
      const isAsked = method === 'POST' && path === '/presigned'
      if (!isAsked || typeof body !== 'object' || body === null || !('file_name' in body))
        return jsonAnswer({ errorMessage: "'file_name'", errorType: 'KeyError' })
      const name = String(body.file_name)
      const key = `path/to/${granted.length}-${name.replaceAll(' ', '-')}`
      granted.push({ name, key })
      return jsonAnswer(await createPresignedPost(client, { Bucket: bucket, Key: key, Expires: 3600 }))
    },
  })
  return { backend: presignedPost({ from: `${app.url}/presigned` }), app, granted }
})
