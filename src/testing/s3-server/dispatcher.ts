/** From a request to its answer: route, verify, carry out, and answer whatever happens. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { authorize } from './auth/authorize.ts'
import { actionsOf, requireActions } from './auth/permissions.ts'
import { publicReader } from './auth/public-reader.ts'
import type { ServerState } from './call.ts'
import { answerCorsHeaders, preflight } from './cors/cross-origin.ts'
import { S3Error } from './errors.ts'
import type { FaultBook } from './faults/fault-book.ts'
import { ConnectionReset, FaultPlan, type Delay } from './faults/fault-plan.ts'
import { errorAnswer, type Answer } from './http/answer.ts'
import { ConnectionLost, RequestBody } from './http/body.ts'
import { readRequest, type S3Request } from './http/request.ts'
import { send } from './http/send.ts'
import type { S3Operation } from './operation.ts'
import { signedOperations } from './operations/index.ts'
import { postObject } from './operations/post-object.ts'
import type { RequestLog, RunningEntry } from './request-log.ts'
import { operationOf } from './router.ts'

/** What a server is made of, as far as a request is concerned. */
export interface ServerParts {
  readonly state: ServerState
  readonly faults: FaultBook
  readonly log: RequestLog
  readonly delay: Delay
  /** Aborted when the server closes. */
  readonly closing: AbortSignal
  /** Told of errors that are no refusals. */
  readonly report: (error: unknown) => void
}

/** Handles one request. Never rejects: what goes wrong is answered, or reported where nobody can be answered. */
export async function dispatch(
  parts: ServerParts,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const started = performance.now()
  const gone = new AbortController()
  const { signal } = gone
  const leave = () => gone.abort()
  response.on('close', leave)
  parts.closing.addEventListener('abort', leave)
  const body = new RequestBody(message, response)
  const entry = newEntry(message)
  parts.log.add(entry)
  try {
    await exchange(parts, { message, response, body, entry, signal })
  } catch (error) {
    if (!(error instanceof ConnectionLost) && !signal.aborted && !isGone(error)) parts.report(error)
    if (error instanceof ConnectionReset) message.socket.resetAndDestroy()
    else response.destroy()
  }
  parts.closing.removeEventListener('abort', leave)
  entry.bytesReceived = body.received
  entry.milliseconds = performance.now() - started
}

interface Exchange {
  readonly message: IncomingMessage
  readonly response: ServerResponse
  readonly body: RequestBody
  readonly entry: RunningEntry
  readonly signal: AbortSignal
}

async function exchange(
  parts: ServerParts,
  { message, response, body, entry, signal }: Exchange,
): Promise<void> {
  const hostId = randomBytes(48).toString('base64')
  let plan = new FaultPlan([], parts.delay, signal)
  let request: S3Request | undefined
  let answer: Answer
  try {
    request = readRequest(message, entry.id)
    describeRequest(entry, request)
    const operation = request.method === 'OPTIONS' ? 'Preflight' : operationOf(request)
    entry.operation = operation
    plan = planFor(parts, request, operation, signal)
    entry.faults = plan.types
    body.tap = plan.tap
    await plan.before(operation)
    answer = await carryOut(parts, operation, request, body, plan)
    if (plan.has('lost-answer')) throw new ConnectionLost('the answer is lost by a fault')
  } catch (error) {
    if (error instanceof ConnectionLost || signal.aborted) throw error
    if (!(error instanceof S3Error)) parts.report(error)
    const refusal = error instanceof S3Error ? error : new S3Error('InternalError')
    entry.code = refusal.code
    answer = errorAnswer(refusal, { requestId: entry.id, hostId })
  }
  const early = plan.has('early-refusal')
  const stays = !early && (await body.drain())
  const cors = request ? answerCorsHeaders(parts.state.catalog, request) : {}
  const altered = plan.alterAnswer({
    ...answer,
    headers: {
      'x-amz-id-2': hostId,
      'x-amz-request-id': entry.id,
      date: clockOf(parts, plan)().toUTCString(),
      ...answer.headers,
      ...cors,
      server: 's3-upload-kit',
      ...(!stays && { connection: 'close' }),
    },
  })
  entry.status = altered.status
  entry.bytesReceived = body.received
  await send(response, altered, {
    method: message.method ?? '',
    cut: plan.cut,
    onSent: (bytes) => {
      entry.bytesSent += bytes
    },
  })
  if (early) message.socket.destroySoon()
}

function planFor(
  parts: ServerParts,
  request: S3Request,
  operation: S3Operation,
  signal: AbortSignal,
): FaultPlan {
  const faults = parts.faults.hit({ operation, key: request.key, partNumber: partNumberIn(request) })
  return new FaultPlan(faults, parts.delay, signal)
}

function clockOf({ state }: ServerParts, plan: FaultPlan): () => Date {
  const { clockSeconds } = plan
  return clockSeconds === 0 ? state.now : () => new Date(state.now().getTime() + clockSeconds * 1_000)
}

async function carryOut(
  parts: ServerParts,
  operation: S3Operation,
  request: S3Request,
  body: RequestBody,
  plan: FaultPlan,
): Promise<Answer> {
  const state = { ...parts.state, now: clockOf(parts, plan) }
  const { alter } = plan
  if (operation === 'Preflight') return preflight(state.catalog, request)
  if (operation === 'PostObject') return postObject({ state, request, body, alter })
  const { ring, region, unsignedHeaders } = state
  const caller =
    publicReader(request, operation, state.catalog) ??
    authorize(request, { ring, region, unsignedHeaders, now: state.now() })
  requireActions(caller.actions, actionsOf(operation, request, caller))
  const uploadId = request.query.get('uploadId')
  if (plan.has('vanished-upload') && uploadId !== undefined) {
    await state.catalog.withUpload(uploadId, () => state.catalog.deleteUpload(request.bucket ?? '', uploadId))
  }
  return signedOperations[operation]({ state, request, body, caller, alter })
}

function partNumberIn({ query }: S3Request): number | undefined {
  const text = query.get('partNumber')
  return text === undefined ? undefined : Number(text)
}

function newEntry({ method, headers }: IncomingMessage): RunningEntry {
  return {
    id: randomBytes(8).toString('hex').toUpperCase(),
    at: new Date(),
    operation: undefined,
    method: method ?? '',
    bucket: undefined,
    key: undefined,
    partNumber: undefined,
    uploadId: undefined,
    origin: headers.origin,
    status: undefined,
    code: undefined,
    bytesReceived: 0,
    bytesSent: 0,
    milliseconds: undefined,
    faults: [],
  }
}

function describeRequest(entry: RunningEntry, request: S3Request): void {
  entry.bucket = request.bucket
  entry.key = request.key
  entry.partNumber = partNumberIn(request)
  entry.uploadId = request.query.get('uploadId')
}

/** The reader closed the connection before the answer's end. */
function isGone(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE', 'ERR_STREAM_DESTROYED'].includes(String(error.code))
  )
}
