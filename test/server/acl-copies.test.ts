/** S3 copies no ACL (AWS: API_CopyObject), so `promote` says it again. */
import { expect, onTestFinished, test } from 'vitest'

import { ceph, createUploadRouter, route } from '../../src/server/index.ts'
import { startS3Server } from '../../src/testing/s3-server/index.ts'
import {
  aRequest,
  authorize,
  backendFor,
  bytesOf,
  callTo,
  carryOut,
  granted,
  handlerFor,
} from './store-suite.ts'

const mebibyte = 1024 ** 2

test.each([
  ['post', 10],
  ['put', 10],
  ['multipart', 10],
  ['multipart', 6 * mebibyte],
] as const)(
  'a promoted file that was sent as %s with %d bytes keeps the ACL of its route',
  async (way, size) => {
    // Only a store that has ACLs at all.
    const server = await startS3Server({ unsignedHeaders: 'named' })
    onTestFinished(() => server.close())
    await server.createBucket('uploads')
    const { endpoint, credentials } = server
    const capabilities = { largestCopy: 5 * mebibyte }
    const storage = ceph({ endpoint, bucket: 'uploads', credentials, capabilities })
    const object = { acl: 'public-read' }
    const files = route({ authorize, prefix: 'done/', promote: 'incoming/', object, partSize: 5 * mebibyte })
    const call = callTo(handlerFor({ storage, now: Date.now }, createUploadRouter({ files })))
    const backend = backendFor('files')
    const content = bytesOf(size)
    const file = aRequest(content, { accepts: [way] })
    const mine = granted((await backend.createUploads([file], call))[0])
    await carryOut(mine, content, backend, call)
    await backend.confirm?.(mine.ref, { location: '' }, file, call)
    const [found] = await server.snapshot()
    expect(found?.objects.map(({ key, acl }) => [key.split('/')[0], acl])).toEqual([['done', 'public-read']])
  },
)
