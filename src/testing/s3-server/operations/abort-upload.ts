/** AbortMultipartUpload (AWS: API_AbortMultipartUpload). */
import { bucketOf, type Call } from '../call.ts'
import { emptyAnswer, type Answer } from '../http/answer.ts'
import { uploadOf } from './upload-of.ts'

/** 204; its parts are gone. @throws S3Error NoSuchUpload */
export async function abortUpload(call: Call): Promise<Answer> {
  const { catalog } = call.state
  const { id } = uploadOf(call).record
  await catalog.withUpload(id, async () => {
    uploadOf(call) // it may have ended while this waited
    await catalog.deleteUpload(bucketOf(call), id)
  })
  return emptyAnswer(204)
}
