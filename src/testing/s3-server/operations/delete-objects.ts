/** DeleteObjects: up to a thousand at once (AWS: API_DeleteObjects). */
import { readText } from '../body/payload.ts'
import { bucketOf, type Call } from '../call.ts'
import { preconditionFailed, S3Error } from '../errors.ts'
import { xmlAnswer, type Answer } from '../http/answer.ts'
import { childrenOf, readXml, textOf, type XmlElement } from '../http/xml-reader.ts'
import { element, type Markup } from '../http/xml-writer.ts'
import { requireBodyChecksum } from './body-checksum.ts'

const maxDocument = 2 * 1024 ** 2
const maxObjects = 1_000

/**
 * 200 with what became of each key. @throws S3Error MalformedXML, InvalidRequest (no checksum), BadDigest
 */
export async function deleteObjects(call: Call): Promise<Answer> {
  call.state.catalog.bucket(bucketOf(call))
  const { text, bytes } = await readText(call, maxDocument)
  requireBodyChecksum(call, bytes)
  const root = readXml(text, 'Delete')
  const quiet = textOf(root, 'Quiet')?.trim() === 'true'
  const objects = childrenOf(root, 'Object')
  if (objects.length === 0 || objects.length > maxObjects) throw new S3Error('MalformedXML')
  const results: Markup[] = []
  for (const object of objects) {
    const result = await deleteOne(call, object)
    if (result.failed || !quiet) results.push(result.markup)
  }
  return xmlAnswer(element('DeleteResult', results))
}

async function deleteOne(call: Call, object: XmlElement): Promise<{ failed: boolean; markup: Markup }> {
  const key = textOf(object, 'Key')
  if (!key || childrenOf(object, 'VersionId').length > 0) throw new S3Error('MalformedXML')
  const etag = textOf(object, 'ETag')
    ?.trim()
    .replace(/^"(.*)"$/, '$1')
  try {
    await call.state.catalog.deleteObject(bucketOf(call), key, (current) => {
      if (etag !== undefined && (!current || (etag !== '*' && etag !== current.etag))) {
        throw preconditionFailed('If-Match')
      }
    })
    return { failed: false, markup: element('Deleted', element('Key', key)) }
  } catch (error) {
    if (!(error instanceof S3Error)) throw error
    const details = [element('Key', key), element('Code', error.code), element('Message', error.message)]
    return { failed: true, markup: element('Error', details) }
  }
}
