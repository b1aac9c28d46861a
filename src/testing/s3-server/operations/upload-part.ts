/** UploadPart (AWS: API_UploadPart). */
import { bucketOf, headerOf, type Call } from '../call.ts'
import { checksumHeader } from '../checksums/expectation.ts'
import { S3Error } from '../errors.ts'
import { emptyAnswer, quoteEtag, type Answer } from '../http/answer.ts'
import { checksumAlgorithms, type UploadRecord } from '../store/records.ts'
import { encryptionHeader, receiveBody } from './put-object.ts'
import { partNumberOf, uploadOf } from './upload-of.ts'

/**
 * 200 with the ETag. @throws S3Error NoSuchUpload, InvalidArgument, InvalidRequest (another checksum than
 * declared), BadDigest
 */
export async function uploadPart(call: Call): Promise<Answer> {
  const { catalog, now } = call.state
  const number = partNumberOf(call)
  const { record } = uploadOf(call)
  requireDeclaredChecksum(call, record)
  const { blob, md5, crc64, checksum } = await receiveBody(call)
  const etag = md5.toString('hex')
  await catalog.savePart(bucketOf(call), {
    uploadId: record.id,
    number,
    etag,
    modifiedAt: now().getTime(),
    blob,
    crc64,
    ...(checksum && { checksum }),
  })
  return emptyAnswer(200, {
    etag: quoteEtag(etag),
    ...(checksum && { [checksumHeader(checksum.algorithm)]: checksum.value }),
    ...encryptionHeader,
  })
}

/** A part's checksum must be of the kind that the upload was created with, and none of none (boto/botocore#3216). */
function requireDeclaredChecksum(call: Call, { checksum }: UploadRecord): void {
  const trailer = headerOf(call, 'x-amz-trailer')?.trim().toLowerCase()
  const sent = checksumAlgorithms.find((algorithm) => {
    const name = checksumHeader(algorithm)
    return name === trailer || headerOf(call, name) !== undefined
  })
  if (sent === checksum?.algorithm) return
  const [expected, actual] = [checksum?.algorithm, sent].map((name) => name?.toLowerCase() ?? 'null')
  throw new S3Error('InvalidRequest', {
    message: `Checksum Type mismatch occurred, expected checksum Type: ${expected}, actual checksum Type: ${actual}`,
  })
}
