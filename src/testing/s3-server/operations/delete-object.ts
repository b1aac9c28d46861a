/** DELETE of an object; deleting nothing succeeds (AWS: API_DeleteObject). */
import { bucketOf, keyOf, type Call } from '../call.ts'
import { emptyAnswer, type Answer } from '../http/answer.ts'
import { deleteCondition } from './preconditions.ts'

/** 204, whether there was an object or not. @throws S3Error NoSuchBucket, PreconditionFailed */
export async function deleteObject(call: Call): Promise<Answer> {
  const { catalog } = call.state
  catalog.bucket(bucketOf(call))
  await catalog.deleteObject(bucketOf(call), keyOf(call), deleteCondition(call))
  return emptyAnswer(204)
}
