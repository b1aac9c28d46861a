/** Ben Nadel's server of PROTOCOLS 1, with its own policy and a signature of today. */
import { createHmac } from 'node:crypto'

import { plupload } from '../../../src/backends/index.ts'
import type { AppAnswer, AppCallKind, AppRequest } from '../../support/app-server.ts'
import { jsonAnswer, startAppServer } from '../../support/app-server.ts'
import { backendConformance } from './index.ts'
import type { BenchPlace } from './stage.ts'

const kinds: Readonly<Record<string, AppCallKind>> = { save: 'create', delete: 'release', list: 'list' }

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** The form for one file, by hand: what the server of the article signs, but for its `acl` (buckets of today have none) and in Signature Version 4. */
function formFor({ s3, bucket }: BenchPlace, key: string): Record<string, string | number> {
  const { accessKeyId, secretAccessKey } = s3.credentials
  const now = new Date()
  const date = `${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
  const day = date.slice(0, 8)
  const credential = `${accessKeyId}/${day}/${s3.region}/s3/aws4_request`
  const document = {
    expiration: new Date(now.getTime() + 60_000).toISOString(),
    conditions: [
      { bucket },
      { success_action_status: '201' },
      ['starts-with', '$key', 'pluploads/'],
      ['starts-with', '$Content-Type', 'image/'],
      ['content-length-range', 0, 10_485_760],
      ['starts-with', '$Filename', key],
      ['starts-with', '$name', ''],
      { 'x-amz-algorithm': 'AWS4-HMAC-SHA256' },
      { 'x-amz-credential': credential },
      { 'x-amz-date': date },
    ],
  }
  const policy = Buffer.from(JSON.stringify(document)).toString('base64')
  const signingKey = [s3.region, 's3', 'aws4_request'].reduce(hmac, hmac(`AWS4${secretAccessKey}`, day))
  return {
    success_action_status: 201,
    key,
    Filename: key,
    'Content-Type': 'image/bin',
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': credential,
    'x-amz-date': date,
    policy,
    'x-amz-signature': hmac(signingKey, policy).toString('hex'),
  }
}

backendConformance(
  'plupload',
  {
    keepsKey: 'never',
    leavesTrace: true,
    refuses: { name: 'step-3.bin', userMessage: 'Something went wrong - step 3.' },
  },
  async (place) => {
    const granted: { name: string; key: string }[] = []
    const save = ({ text, headers }: AppRequest): AppAnswer => {
      const { name }: { name: string } = JSON.parse(text)
      if (headers['content-type'] !== 'application/json;charset=utf-8' || text !== JSON.stringify({ name }))
        return jsonAnswer({ code: -1, message: 'Not what the client sends.' }, 500)
      if (name.includes('step-3'))
        return jsonAnswer({ code: -1, message: 'Something went wrong - step 3.' }, 500)
      const id = granted.length + 1
      const key = `pluploads/before-upload/upload-${id}/${name}`
      granted.push({ name, key })
      return {
        headers: { 'content-type': 'application/x-json' },
        text: JSON.stringify({
          image: { id, clientFile: name },
          formUrl: `${place.s3.endpoint}/${place.bucket}`,
          formData: formFor(place, key),
        }),
      }
    }
    const app = await startAppServer({
      describe: ({ query }) => ({ kind: kinds[query.get('action') ?? ''] ?? 'other', files: 1 }),
      handle: (request) => (request.query.get('action') === 'save' ? save(request) : jsonAnswer(true)),
    })
    const api = `${app.url}/api/index.cfm`
    return {
      backend: plupload({ save: `${api}?action=save`, remove: `${api}?action=delete` }),
      app,
      granted,
    }
  },
)
