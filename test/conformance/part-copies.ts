/** Parts made of objects that are there: how an object above 5 GiB is copied (AWS: API_UploadPartCopy). */
import { PutObjectCommand, UploadPartCopyCommand } from '@aws-sdk/client-s3'

import type { Case } from './case.ts'
import { check } from './case.ts'
import type { S3 } from './client.ts'
import { data, minPart } from './client.ts'
import { createUpload, fullPart, uploadPart } from './parts.ts'

/** A source with a range of its own for each of two parts, and an upload to copy into. */
async function open(s3: S3, key: string) {
  const content = Buffer.concat([fullPart(1), data])
  const source = `${key}-source`
  await s3.client.send(new PutObjectCommand({ Bucket: s3.bucket, Key: source, Body: content }))
  const { ETag } = await s3.head(source)
  const upload = await createUpload(s3, key, { ContentType: 'image/png' })
  const command = (PartNumber: number, first: number, last: number, more: object = {}) =>
    new UploadPartCopyCommand({
      ...upload.id,
      PartNumber,
      CopySource: `${s3.bucket}/${source}`,
      CopySourceRange: `bytes=${first}-${last}`,
      ...more,
    })
  const copy = async (PartNumber: number, first: number, last: number): Promise<void> => {
    const answer = await s3.client.send(command(PartNumber, first, last))
    upload.parts.push({ PartNumber, ETag: answer.CopyPartResult?.ETag })
  }
  return { content, upload, etag: ETag ?? '', command, copy }
}

export const partCopies: readonly Case[] = [
  check(
    'copy.parts',
    'ranges of an object, put together again',
    { complete: '200', intact: true, type: 'image/png' },
    async (s3, key) => {
      const { content, upload, copy } = await open(s3, key)
      await copy(1, 0, minPart - 1)
      await copy(2, minPart, content.length - 1)
      const complete = await upload.complete()
      const { ContentType = null } = await s3.head(key)
      return { complete, intact: (await s3.read(key)).equals(content), type: ContentType }
    },
  ),
  check('copy.mixed', 'a part that is copied before one that is sent', ['200', true], async (s3, key) => {
    const { upload, copy } = await open(s3, key)
    await copy(1, 0, minPart - 1)
    await uploadPart(upload, 2, Buffer.from('tail'))
    const complete = await upload.complete()
    return [complete, (await s3.read(key)).equals(Buffer.concat([fullPart(1), Buffer.from('tail')]))]
  }),
  check(
    'copy.match',
    'on condition that the source is the one that was seen',
    ['200', '412 PreconditionFailed'],
    async (s3, key) => {
      const { etag, command } = await open(s3, key)
      const answers = []
      for (const CopySourceIfMatch of [etag, '"00000000000000000000000000000000"'])
        answers.push(await s3.attempt(command(1, 0, 9, { CopySourceIfMatch })))
      return answers
    },
  ),
  check('copy.range', 'a range beyond the end of the source', 'refused', async (s3, key) => {
    const { content, command } = await open(s3, key)
    const answer = await s3.attempt(command(1, 0, content.length))
    return /^(400 InvalidArgument|416 InvalidRange)$/.test(answer) ? 'refused' : answer
  }),
  check('copy.none', 'a source that is not there', '404 NoSuchKey', async (s3, key) => {
    const { command } = await open(s3, key)
    return s3.attempt(command(1, 0, 9, { CopySource: `${s3.bucket}/${key}-nothing` }))
  }),
  check('copy.gone', 'into an upload that was aborted', '404 NoSuchUpload', async (s3, key) => {
    const { upload, command } = await open(s3, key)
    await upload.abort()
    return s3.attempt(command(1, 0, 9))
  }),
]
