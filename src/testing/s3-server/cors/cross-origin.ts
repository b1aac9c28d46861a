/** CORS as S3 does it: preflights are refused, real requests only lose their headers (FACTS 7.2). */
import { S3Error } from '../errors.ts'
import { emptyAnswer, type Answer } from '../http/answer.ts'
import type { S3Request } from '../http/request.ts'
import type { Catalog } from '../store/catalog.ts'
import { corsHeaders, type CrossOriginRequest } from './cors-rule.ts'

/** OPTIONS: answered without a signature and without a look at the key. */
export function preflight(catalog: Catalog, request: S3Request): Answer {
  const asked = request.headers.get('access-control-request-method')
  if (!request.headers.has('origin')) {
    throw new S3Error('BadRequest', { message: 'Insufficient information. Origin request header needed.' })
  }
  const bucket = catalog.buckets.get(request.bucket ?? '')
  if (!bucket) throw forbidden(request, 'BUCKET', 'Bucket not found')
  if (!bucket.record.cors) throw forbidden(request, 'BUCKET', 'CORS is not enabled for this bucket.')
  if (asked === undefined) {
    throw new S3Error('BadRequest', { message: 'Invalid Access-Control-Request-Method: null' })
  }
  const headers = corsHeaders(bucket.record.cors, crossOrigin(request, asked))
  if (!headers) {
    throw forbidden(
      request,
      request.key === undefined ? 'BUCKET' : 'OBJECT',
      // S3's spelling.
      "This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
    )
  }
  return emptyAnswer(200, headers)
}

/** What goes onto any other answer, errors too. The bucket's rules decide, whoever asks. */
export function answerCorsHeaders(catalog: Catalog, request: S3Request): Readonly<Record<string, string>> {
  const rules = catalog.buckets.get(request.bucket ?? '')?.record.cors
  if (!rules || !request.headers.has('origin') || request.method === 'OPTIONS') return {}
  const method = request.headers.get('access-control-request-method') ?? request.method
  return corsHeaders(rules, crossOrigin(request, method)) ?? {}
}

function crossOrigin(request: S3Request, method: string): CrossOriginRequest {
  return {
    origin: request.headers.get('origin') ?? '',
    method,
    headers: (request.headers.get('access-control-request-headers') ?? '')
      .split(',')
      .map((name) => name.trim().toLowerCase())
      .filter((name) => name !== ''),
  }
}

function forbidden(request: S3Request, resource: 'BUCKET' | 'OBJECT', why: string): S3Error {
  return new S3Error('AccessForbidden', {
    message: `CORSResponse: ${why}`,
    fields: [
      ['Method', request.headers.get('access-control-request-method') ?? 'OPTIONS'],
      ['ResourceType', resource],
    ],
  })
}
