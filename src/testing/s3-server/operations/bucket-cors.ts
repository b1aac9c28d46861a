/** A bucket's CORS configuration (AWS: API_PutBucketCors, API_GetBucketCors, API_DeleteBucketCors). */
import { readText } from '../body/payload.ts'
import { bucketOf, type Call } from '../call.ts'
import { parseCors, writeCors } from '../cors/cors-document.ts'
import { S3Error } from '../errors.ts'
import { emptyAnswer, xmlAnswer, type Answer } from '../http/answer.ts'
import { requireBodyChecksum } from './body-checksum.ts'

const maxDocument = 65_536

/** 200. @throws S3Error MalformedXML, InvalidRequest, BadDigest */
export async function putBucketCors(call: Call): Promise<Answer> {
  const { catalog } = call.state
  catalog.bucket(bucketOf(call))
  const { text, bytes } = await readText(call, maxDocument)
  requireBodyChecksum(call, bytes)
  const cors = parseCors(text)
  const { record } = catalog.bucket(bucketOf(call))
  await catalog.saveBucket({ ...record, cors })
  return emptyAnswer(200)
}

/** The document. @throws S3Error NoSuchCORSConfiguration */
export function getBucketCors(call: Call): Promise<Answer> {
  const { record } = call.state.catalog.bucket(bucketOf(call))
  if (!record.cors) throw new S3Error('NoSuchCORSConfiguration', { fields: [['BucketName', record.name]] })
  return Promise.resolve(xmlAnswer(writeCors(record.cors)))
}

/** 204, whether there were rules or not. */
export async function deleteBucketCors(call: Call): Promise<Answer> {
  const { catalog } = call.state
  const { cors: _, ...record } = catalog.bucket(bucketOf(call)).record
  await catalog.saveBucket(record)
  return emptyAnswer(204)
}
