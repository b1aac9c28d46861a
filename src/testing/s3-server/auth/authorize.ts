/** Which of the two ways a request is signed, and does it hold? Everything here is private: nobody comes in unsigned. */
import type { UnsignedHeaders } from '../call.ts'
import { invalidArgument, S3Error } from '../errors.ts'
import type { S3Request } from '../http/request.ts'
import type { Caller } from './caller.ts'
import { verifyHeader, type AuthContext } from './header-auth.ts'
import { verifyQuery } from './query-auth.ts'

/** @throws S3Error if the request is not signed, or not well */
export function authorize(
  request: S3Request,
  context: AuthContext & { readonly unsignedHeaders: UnsignedHeaders },
): Caller {
  const authorization = request.headers.get('authorization')
  const signedQuery = request.query.entries.some(([name]) =>
    /^x-amz-(algorithm|credential|signature)$/i.test(name),
  )
  const oldQuery = request.query.has('AWSAccessKeyId') || request.query.has('Signature')
  if (authorization !== undefined) {
    if (signedQuery || oldQuery) {
      throw invalidArgument(
        'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
        'Authorization',
        authorization.split(' ')[0] ?? '',
      )
    }
    return inPrefix(request, verifyHeader(request, authorization, context))
  }
  if (signedQuery) return inPrefix(request, verifyQuery(request, context))
  if (oldQuery) {
    throw new S3Error('InvalidRequest', {
      message: 'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
    })
  }
  throw new S3Error('AccessDenied')
}

/** What a session policy would do: only keys with its prefix, and nothing on the bucket itself. */
function inPrefix(request: S3Request, caller: Caller): Caller {
  if (caller.keyPrefix !== undefined && !request.key?.startsWith(caller.keyPrefix))
    throw new S3Error('AccessDenied')
  return caller
}
