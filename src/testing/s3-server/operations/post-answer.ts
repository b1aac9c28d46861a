/** The four ways in which S3 says that a form's file is stored. */
import { encodeRfc3986 } from '../../../s3/key.ts'
import { emptyAnswer, quoteEtag, type Answer } from '../http/answer.ts'
import type { S3Request } from '../http/request.ts'
import { document, element } from '../http/xml-writer.ts'
import type { Checksum } from '../store/records.ts'
import { toHeader } from './attributes.ts'
import { checksumHeaders, encryptionHeader } from './put-object.ts'

/** What was stored, and how the form wants to hear of it. */
export interface PostedObject {
  readonly request: S3Request
  readonly bucket: string
  readonly key: string
  readonly etag: string
  readonly checksum: Checksum
  /** Reads a form field. */
  readonly get: (name: string) => string | undefined
}

/**
 * `success_action_redirect`: 303 (a URL that S3 cannot read counts as none). `success_action_status`: 200, 201 with
 * XML, else 204.
 */
export function postAnswer(posted: PostedObject): Answer {
  const { request, bucket, key, get, checksum } = posted
  const etag = quoteEtag(posted.etag)
  const headers = { etag, ...checksumHeaders(checksum), ...encryptionHeader }
  const redirect = redirectUrl(get('success_action_redirect') ?? get('redirect'))
  if (redirect !== undefined) {
    const query = new URLSearchParams({ bucket, key, etag }).toString()
    return emptyAnswer(303, {
      ...headers,
      location: toHeader(`${redirect}${redirect.includes('?') ? '&' : '?'}${query}`),
    })
  }
  const location = objectUrl(request, bucket, key)
  const status = get('success_action_status')
  if (status === '201') {
    return {
      status: 201,
      headers: { ...headers, location, 'content-type': 'application/xml' },
      // No namespace, and this order, on the wire (FACTS 1.4).
      body: document(
        element(
          'PostResponse',
          element('Location', location),
          element('Bucket', bucket),
          element('Key', key),
          element('ETag', etag),
        ),
      ),
    }
  }
  return emptyAnswer(status === '200' ? 200 : 204, { ...headers, location })
}

/** S3 encodes all of the key here, slashes too. */
export function objectUrl(request: S3Request, bucket: string, key: string): string {
  return `http://${request.host}/${request.virtualHost ? '' : `${bucket}/`}${encodeRfc3986(key)}`
}

function redirectUrl(text: string | undefined): string | undefined {
  return text !== undefined && /^https?:\/\//i.test(text) && URL.canParse(text) ? text : undefined
}
