/** From a request to its answer: route, verify, carry out, and answer whatever happens. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { authorize } from './auth/authorize.ts'
import type { ServerState } from './call.ts'
import { answerCorsHeaders, preflight } from './cors/cross-origin.ts'
import { S3Error } from './errors.ts'
import { errorAnswer, type Answer } from './http/answer.ts'
import { ConnectionLost, RequestBody } from './http/body.ts'
import { readRequest, type S3Request } from './http/request.ts'
import { send } from './http/send.ts'
import { signedOperations } from './operations/index.ts'
import { postObject } from './operations/post-object.ts'
import { operationOf } from './router.ts'

/** Handles one request. Never rejects: what goes wrong is answered, or reported where nobody can be answered. */
export async function dispatch(
  state: ServerState,
  message: IncomingMessage,
  response: ServerResponse,
  report: (error: unknown) => void,
): Promise<void> {
  const hostId = randomBytes(48).toString('base64')
  let requestId = randomBytes(8).toString('hex').toUpperCase()
  let cors: Readonly<Record<string, string>> = {}
  const body = new RequestBody(message, response)
  try {
    let answer: Answer
    try {
      const request = readRequest(message)
      requestId = request.id
      cors = answerCorsHeaders(state.catalog, request)
      answer = await carryOut(state, request, body)
    } catch (error) {
      if (error instanceof ConnectionLost) throw error
      if (!(error instanceof S3Error)) report(error)
      const refusal = error instanceof S3Error ? error : new S3Error('InternalError')
      answer = errorAnswer(refusal, { requestId, hostId })
    }
    const drained = await body.drain()
    const headers = {
      'x-amz-id-2': hostId,
      'x-amz-request-id': requestId,
      date: state.now().toUTCString(),
      ...answer.headers,
      ...cors,
      server: 's3-upload-kit',
      ...(!drained && { connection: 'close' }),
    }
    await send(response, { ...answer, headers }, message.method ?? '')
  } catch (error) {
    if (!(error instanceof ConnectionLost) && !isGone(error)) report(error)
    response.destroy()
  }
}

async function carryOut(state: ServerState, request: S3Request, body: RequestBody): Promise<Answer> {
  if (request.method === 'OPTIONS') return preflight(state.catalog, request)
  const operation = operationOf(request)
  if (operation === 'PostObject') return postObject({ state, request, body })
  if (operation === 'Preflight') return preflight(state.catalog, request)
  const caller = authorize(request, { ring: state.ring, region: state.region, now: state.now() })
  return signedOperations[operation]({ state, request, body, caller })
}

/** The reader closed the connection before the answer's end. */
function isGone(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE', 'ERR_STREAM_DESTROYED'].includes(String(error.code))
  )
}
