/** Tags of a stored object (AWS: API_PutObjectTagging, API_GetObjectTagging, API_DeleteObjectTagging). */
import { readText } from '../body/payload.ts'
import { bucketOf, keyOf, type Call } from '../call.ts'
import { emptyAnswer, type Answer } from '../http/answer.ts'
import { requireBodyChecksum } from './body-checksum.ts'
import { objectOf } from './get-object.ts'
import { parseTagging, writeTagging, type Tag } from './tags.ts'

const maxDocument = 65_536

/** The tags. @throws S3Error NoSuchKey */
export function getObjectTagging(call: Call): Promise<Answer> {
  return Promise.resolve({
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: writeTagging(objectOf(call).attributes.tags),
  })
}

/** 200. @throws S3Error NoSuchKey, MalformedXML, InvalidTag, BadDigest */
export async function putObjectTagging(call: Call): Promise<Answer> {
  objectOf(call)
  const { text, bytes } = await readText(call, maxDocument)
  requireBodyChecksum(call, bytes)
  await setTags(call, parseTagging(text))
  return emptyAnswer(200)
}

/** 204. @throws S3Error NoSuchKey */
export async function deleteObjectTagging(call: Call): Promise<Answer> {
  objectOf(call)
  await setTags(call, [])
  return emptyAnswer(204)
}

async function setTags(call: Call, tags: readonly Tag[]): Promise<void> {
  await call.state.catalog.updateObject(bucketOf(call), keyOf(call), (object) => ({
    ...object,
    attributes: { ...object.attributes, tags },
  }))
}
