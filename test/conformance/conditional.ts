/** Writes that succeed only if the object is not there, or is the one expected (AWS: conditional-writes). */
import { PutObjectCommand } from '@aws-sdk/client-s3'

import type { Case } from './case.ts'
import { check } from './case.ts'
import type { S3 } from './client.ts'
import { data, md5 } from './client.ts'
import { send } from './http.ts'
import { createUpload, uploadPart } from './parts.ts'

const lost = '412 PreconditionFailed'
const etag = `"${md5(data, 'hex')}"`
const put = (s3: S3, key: string, condition: object, body = data): Promise<string> =>
  s3.attempt(new PutObjectCommand({ Bucket: s3.bucket, Key: key, Body: body, ...condition }))

export const conditional: readonly Case[] = [
  check('if.none-new', 'If-None-Match: * on a new key', '200', (s3, key) =>
    put(s3, key, { IfNoneMatch: '*' }),
  ),
  check(
    'if.none-exists',
    'If-None-Match: * on an existing key, which stays',
    [lost, true],
    async (s3, key) => {
      await s3.put(key)
      const answer = await put(s3, key, { IfNoneMatch: '*' }, Buffer.from('other'))
      return [answer, (await s3.read(key)).equals(data)]
    },
  ),
  check('if.none-presigned', 'If-None-Match: * signed into a URL', ['200', lost], async (s3, key) => {
    const command = new PutObjectCommand({ Bucket: s3.bucket, Key: key, IfNoneMatch: '*' })
    const url = await s3.presign(command, { unhoistableHeaders: new Set(['if-none-match']) })
    const once = async () =>
      (await send('PUT', url, { headers: { 'if-none-match': '*' }, body: data })).verdict
    return [await once(), await once()]
  }),
  check(
    'if.none-dropped',
    'If-None-Match: * signed into a URL and not sent',
    '403 SignatureDoesNotMatch',
    async (s3, key) => {
      const command = new PutObjectCommand({ Bucket: s3.bucket, Key: key, IfNoneMatch: '*' })
      const url = await s3.presign(command, { unhoistableHeaders: new Set(['if-none-match']) })
      return (await send('PUT', url, { body: data })).verdict
    },
  ),
  check('if.none-race', 'If-None-Match: * from 8 clients at once: one wins', 1, async (s3, key) => {
    const clients = Array.from({ length: 8 }, (_, n) =>
      put(s3, key, { IfNoneMatch: '*' }, Buffer.from(`${n}`)),
    )
    return (await Promise.all(clients)).filter((answer) => answer === '200').length
  }),
  check('if.none-after-delete', 'If-None-Match: * after the object was deleted', '200', async (s3, key) => {
    await s3.put(key)
    await s3.remove(key)
    return put(s3, key, { IfNoneMatch: '*' })
  }),
  check('if.match', 'If-Match with the ETag, and with another', ['200', lost], async (s3, key) => {
    await s3.put(key)
    const other = '"00000000000000000000000000000000"'
    return [await put(s3, key, { IfMatch: etag }), await put(s3, key, { IfMatch: other })]
  }),
  check('if.match-new', 'If-Match on a key that does not exist', '404 NoSuchKey', (s3, key) =>
    put(s3, key, { IfMatch: etag }),
  ),
  check('if.complete', 'Complete with If-None-Match: * on a new key', '200', async (s3, key) => {
    const upload = await createUpload(s3, key)
    await uploadPart(upload, 1, data)
    return upload.complete(undefined, { IfNoneMatch: '*' })
  }),
  check(
    'if.complete-exists',
    'Complete with If-None-Match: * on an existing key, which stays',
    [lost, true],
    async (s3, key) => {
      await s3.put(key)
      const upload = await createUpload(s3, key)
      await uploadPart(upload, 1, Buffer.from('other'))
      return [await upload.complete(undefined, { IfNoneMatch: '*' }), (await s3.read(key)).equals(data)]
    },
  ),
]
