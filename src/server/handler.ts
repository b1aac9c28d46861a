/** The signer as one function from Request to Response. */
import { ProtocolError } from '../protocol/json.ts'
import { wireLimits } from '../protocol/limits.ts'
import { parseRequest } from '../protocol/requests.ts'
import type { SignAnswer, SignerRequest } from '../protocol/wire.ts'
import { authorizeCall, userIdOf } from './authorize.ts'
import { readBody } from './body.ts'
import { confirmUpload } from './confirm.ts'
import { checkAccept, isTypePattern } from './content.ts'
import type { Report, UploadedFile, UploadHandlerOptions } from './options.ts'
import { createOriginGuard } from './origin.ts'
import { jsonResponse, ProblemError, problemResponse } from './problem.ts'
import type { Receipts } from './receipt.ts'
import { createReceipts } from './receipt.ts'
import { signFile } from './sign.ts'
import type { SignerCredentials } from './storage.ts'
import { createStorage } from './storage.ts'

/** Fits Next.js route handlers, Hono, Bun, Deno, workers; for `node:http` see `toNodeHandler`. Never rejects. */
export type UploadHandler = (request: Request) => Promise<Response>

/**
 * The signer: one address that browsers POST JSON to. For each file it answers with a POST policy for exactly this
 * file (key, type, size), or with a refusal; later it confirms that the file has arrived.
 * @throws TypeError if an option is missing or makes no sense
 */
export function createUploadHandler<User>(options: UploadHandlerOptions<User>): UploadHandler {
  checkOptions(options)
  const { inline = [], origins = [], onComplete, key: makeKey, userId = userIdOf, now = Date.now } = options
  const guard = createOriginGuard(origins)
  const storage = createStorage(options.storage, options.fetch ?? ((url, init) => fetch(url, init)))
  const receiptsFor = receiptSource(options)

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
    const report = reporterFor(request)
    checkHead(request)
    guard.check(request)
    const user = await authorizeCall(request, options.authorize, report)
    const body = parse(await readBody(request, wireLimits.body))
    const credentials = await storage.credentials()
    const receipts = receiptsFor(credentials)
    const context = { storage, credentials, receipts, userId: userId(user), now: now() }
    if (body.action === 'confirm') {
      const confirming = { ...context, user, onComplete, signal: request.signal }
      return jsonResponse(await confirmUpload(body.receipt, confirming))
    }
    const { files } = body
    const key = makeKey && ((file: UploadedFile) => makeKey({ file, user }))
    const signing = { ...context, rules: options, inline, report, count: files.length, key }
    const verdicts = files.map((file, index) => signFile(file, index, signing))
    const answer: SignAnswer = { v: 1, files: await Promise.all(verdicts) }
    return jsonResponse(answer)
  }

  return async (request) => {
    try {
      const preflight = request.method === 'OPTIONS' ? guard.preflight(request) : undefined
      return preflight ?? guard.expose(request, await handle(request))
    } catch (error) {
      const isProblem = error instanceof ProblemError
      const cause = isProblem && error.status >= 500 ? (error.cause ?? error) : error
      if (!isProblem || error.status >= 500) reporterFor(request)(cause, 'answering an upload call')
      const problem = isProblem
        ? error
        : new ProblemError(500, 'internal', 'The signer failed; its log says why.')
      return guard.expose(request, problemResponse(problem))
    }
  }
}

function checkOptions<User>(options: UploadHandlerOptions<User>): void {
  const { storage, accept, inline = [], secret } = options
  if (typeof options.authorize !== 'function')
    throw new TypeError(
      'createUploadHandler needs `authorize`. Without it anyone could write to the bucket; if that is meant, return true.',
    )
  if (typeof storage !== 'object') throw new TypeError('createUploadHandler needs `storage`.')
  if (accept) checkAccept(accept)
  for (const pattern of inline)
    if (!isTypePattern(pattern))
      throw new TypeError(`inline has ${JSON.stringify(pattern)}, which is no media type.`)
  if (secret !== undefined && secret.length < 16)
    throw new TypeError('secret must have at least 16 characters: whoever guesses it can forge receipts.')
}

function checkHead({ method, headers }: Request): void {
  if (method !== 'POST')
    throw new ProblemError(405, 'method-not-allowed', `The signer takes POST, not ${method}.`)
  // A form of a foreign page can send text/plain without asking; this type makes the browser ask first (CSRF).
  if (!/^application\/json\s*(;|$)/i.test(headers.get('content-type') ?? ''))
    throw new ProblemError(
      415,
      'unsupported-media-type',
      'Send the call with Content-Type: application/json.',
    )
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
function receiptSource<User>({
  secret,
  storage,
}: UploadHandlerOptions<User>): (credentials: SignerCredentials) => Receipts {
  const audience = `${storage.bucket}@${storage.endpoint ?? storage.region}`
  let made: { from: string; receipts: Receipts } | undefined
  return ({ secretAccessKey, sessionToken }) => {
    if (secret === undefined && sessionToken !== undefined)
      throw new TypeError(
        'These storage credentials are temporary, so that receipts sealed with them would soon be void. Give createUploadHandler a `secret`.',
      )
    const from = secret ?? secretAccessKey
    if (made?.from !== from) made = { from, receipts: createReceipts(from, audience) }
    return made.receipts
  }
}
