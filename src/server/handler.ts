/** The signer as one function from Request to Response. */
import { ProtocolError } from '../protocol/json.ts'
import { defaultRoute, wireLimits } from '../protocol/limits.ts'
import { parseRequest } from '../protocol/requests.ts'
import type { StandardSchema } from '../protocol/standard-schema.ts'
import type { SignerRequest } from '../protocol/wire-actions.ts'
import { runAction } from './actions.ts'
import { authorizeCall } from './authorize.ts'
import { readBody } from './body.ts'
import { secondsLeft } from './call-context.ts'
import { checkTransports } from './forms-only.ts'
import { checkHandlerOptions, checkRouter, checkShortForm, handlerChecks } from './handler-checks.ts'
import { readNow, readRate } from './hook-answers.ts'
import { publishLimits } from './limits.ts'
import { createOpenUploads } from './open-uploads.ts'
import { isPlain, refuse } from './option-checks.ts'
import type { HandlerOptions, Report } from './options.ts'
import { createOriginGuard } from './origin.ts'
import { jsonResponse, ProblemError, problemResponse, toProblem } from './problem.ts'
import type { Receipts } from './receipt.ts'
import { createReceipts } from './receipt.ts'
import type { AnyRouteOptions, RouteOptions } from './route.ts'
import type { AnyRouter } from './router.ts'
import { createUploadRouter } from './router.ts'
import type { Bucket } from './storage/bucket-port.ts'
import { createBucket } from './storage/bucket.ts'
import { knownCapabilities, takesFormsOnly } from './storage/known-capabilities.ts'
import type { SignerCredentials } from './storage/options.ts'
import { checkStorage } from './storage/storage-checks.ts'
import { checkStoreNeeds } from './store-needs.ts'

/** Fits Next.js route handlers, Hono, Bun, Deno, workers; for `node:http` see `toNodeHandler`. Never rejects. */
export type UploadHandler = (request: Request) => Promise<Response>

/** Options of the short form of {@link createUploadHandler}: one route, called `default`, and what holds for all. */
export type UploadHandlerOptions<
  User = unknown,
  Schema extends StandardSchema | undefined = undefined,
  PrepareResult = unknown,
  Result = unknown,
> = RouteOptions<User, Schema, PrepareResult, Result> & HandlerOptions

/**
 * The signer: one address that browsers POST JSON to. For each file it answers with a grant for exactly this file (key,
 * type, size), or with a refusal; later it confirms that the file has arrived. GET publishes the routes' limits.
 * @throws TypeError if an option is missing or makes no sense
 */
export function createUploadHandler(router: AnyRouter, options: HandlerOptions): UploadHandler
/** The same for a single route, without a router. */
export function createUploadHandler<
  User,
  Schema extends StandardSchema | undefined = undefined,
  PrepareResult = unknown,
  Result = unknown,
>(options: UploadHandlerOptions<User, Schema, PrepareResult, Result>): UploadHandler
export function createUploadHandler(
  first: AnyRouter | (AnyRouteOptions & HandlerOptions),
  second?: HandlerOptions,
): UploadHandler {
  if (isRouter(first)) {
    checkHandlerOptions(second)
    checkRouter(first)
    return createHandler(first, second)
  }
  // Ignored, its limits would be too.
  if (second !== undefined) return refuse('The router must be', 'made by createUploadRouter()', first)
  checkShortForm(first)
  const own: AnyRouteOptions = { ...first }
  for (const name of Object.keys(handlerChecks)) Reflect.deleteProperty(own, name)
  return createHandler(createUploadRouter({ [defaultRoute]: { options: own } }), first)
}

const isRouter = (first: AnyRouter | (AnyRouteOptions & HandlerOptions)): first is AnyRouter =>
  isPlain(first) && 'routes' in first

function createHandler(router: AnyRouter, options: HandlerOptions): UploadHandler {
  const { storage, origins = [], rateLimit, now = Date.now } = options
  const guard = createOriginGuard(origins)
  checkStorage(storage)
  const can = knownCapabilities(storage)
  const store = { can, isFormsOnly: takesFormsOnly(storage, can) }
  checkStoreNeeds(router.routes, can)
  checkTransports(router, store)
  let made: Bucket | undefined
  const getBucket = (): Bucket => (made ??= createBucket(storage, options.fetch))
  // What is given is checked now. What is left to the environment is read at the first call.
  if (storage.region !== undefined) getBucket()
  const receiptsFor = receiptSource(options, router)
  const waitingFolders = [...router.routes.values()].flatMap(({ promote }) => promote ?? [])

  const reporterFor =
    (request: Request): Report =>
    (error, doing) => {
      try {
        if (options.onError) options.onError(error, { doing, request })
        else console.error(`s3-upload-kit: error while ${doing}:`, error)
      } catch {
        // A reporter that fails must not fail the call.
      }
    }

  const handle = async (request: Request): Promise<Response> => {
    checkMethod(request)
    guard.check(request)
    const [routeName, found] = routeOf(request, router)
    if (request.method === 'GET') return jsonResponse(publishLimits(router, store))
    if (!found) throw new ProblemError(404, 'unknown-route', 'There is no upload route of this name.')
    const report = reporterFor(request)
    const { user, userId } = await authorizeCall(request, found, report)
    const body = parse(await readBody(request, wireLimits.body))
    const { action } = body
    const facts = { request, route: routeName, action, count: countOf(body), user, userId }
    if (rateLimit) checkRate(readRate(await rateLimit(facts)))
    const bucket = getBucket()
    const tell = (error: unknown): void => report(error, 'asking for credentials')
    const session = await bucket.openSession(readNow(now()), request.signal, tell)
    // Before any file is judged: expired credentials are no one file's fault.
    secondsLeft(session)
    const receipts = receiptsFor(session.credentials, bucket)
    const context = {
      bucket,
      session,
      receipts,
      openUploads: createOpenUploads(bucket, session),
      routeName,
      route: found,
      waitingFolders,
      user,
      userId,
      report,
    }
    return jsonResponse(await runAction(body, context))
  }

  return async (request) => {
    try {
      const preflight = request.method === 'OPTIONS' ? guard.preflight(request) : undefined
      return preflight ?? guard.expose(request, await handle(request))
    } catch (error) {
      const problem = toProblem(error, reporterFor(request))
      return guard.expose(request, problemResponse(problem))
    }
  }
}

function checkMethod({ method, headers }: Request): void {
  if (method !== 'POST' && method !== 'GET')
    throw new ProblemError(405, 'method-not-allowed', `The signer takes GET and POST, not ${method}.`)
  // A form of a foreign page can send text/plain without asking; this type makes the browser ask first (CSRF).
  if (method === 'POST' && !/^application\/json\s*(;|$)/i.test(headers.get('content-type') ?? ''))
    throw new ProblemError(
      415,
      'unsupported-media-type',
      'Send the call with Content-Type: application/json.',
    )
}

/** By the URL, so that the route's own `authorize` can decide before the body is read. */
function routeOf(request: Request, { routes }: AnyRouter): [string, AnyRouteOptions | undefined] {
  const [name = defaultRoute, ...more] = new URL(request.url).searchParams.getAll('route')
  return [name, more.length === 0 ? routes.get(name) : undefined]
}

/** What a call is about, for the rate limit. */
function countOf(body: SignerRequest): number {
  if ('files' in body) return body.files.length
  if ('receipts' in body) return body.receipts.length
  return 'parts' in body ? body.parts.length : 1
}

function checkRate(verdict: boolean | number): void {
  if (verdict === true || verdict === 0) return
  const retryAfter = typeof verdict === 'number' ? verdict : 60
  throw new ProblemError(429, 'rate-limited', 'Too many calls. Try again later.', { retryAfter })
}

function parse(text: string): SignerRequest {
  try {
    return parseRequest(text)
  } catch (error) {
    if (error instanceof ProtocolError) throw new ProblemError(400, 'bad-request', error.message)
    throw error
  }
}

/** Receipts under the given secret, or under the credentials' own. */
function receiptSource(
  { secret, storage, name }: HandlerOptions,
  { routes }: AnyRouter,
): (credentials: SignerCredentials, bucket: Bucket) => Receipts {
  const prefixes = [...routes].map(([routeName, { prefix = '' }]) => [routeName, prefix])
  let made: { from: string; receipts: Receipts } | undefined
  return ({ secretAccessKey, sessionToken }, { region }) => {
    if (secret === undefined && sessionToken !== undefined)
      throw new TypeError(
        'Give createUploadHandler a `secret`: receipts sealed with temporary credentials would soon be void.',
      )
    const from = secret ?? secretAccessKey
    if (made?.from !== from) {
      const audience = JSON.stringify([storage.bucket, storage.endpoint ?? region, name ?? prefixes])
      made = { from, receipts: createReceipts(from, audience) }
    }
    return made.receipts
  }
}
