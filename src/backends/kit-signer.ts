/** One address of our own signer, and what is known of it. */
import type { UploadError } from '../core/errors.ts'
import type { BackendCall } from '../core/ports.ts'
import type { ReadVerdictOf } from '../protocol/action-answers.ts'
import { parseVerdicts, readConfirmed, readPlace, readView } from '../protocol/action-answers.ts'
import { orFault } from '../protocol/answers.ts'
import type { Json } from '../protocol/json.ts'
import { ProtocolError } from '../protocol/json.ts'
import { wireLimits } from '../protocol/limits.ts'
import type { BatchRequest, ConfirmedFile, SignerRequest, ViewedFile } from '../protocol/wire-actions.ts'
import type { JsonServerOptions, ProblemReader } from './http-json.ts'
import { badAnswer, getJson, postJson, problemError } from './http-json.ts'
import { confirmProblem, uploadProblem } from './kit-errors.ts'
import type { Gathered, Gatherer } from './kit-gather.ts'
import { createGatherer } from './kit-gather.ts'

/** Asks one signer. All reject with UploadError. */
export interface SignerClient {
  /** Where the calls go. */
  readonly endpoint: string
  /** Bytes from which on a file may go in parts, as far as is known. */
  partsFrom: number
  ask<T>(
    request: SignerRequest,
    call: BackendCall,
    parse: (text: string) => T,
    readProblem?: ProblemReader,
  ): Promise<T>
  get<T>(call: BackendCall, parse: (text: string) => T): Promise<T>
  /** The error for what is not as the protocol has it. */
  unusable(cause: ProtocolError): UploadError
  readonly confirm: Gatherer<ConfirmedFile>
  /** As `confirm`, in a call of its own. */
  readonly confirmAlone: Gatherer<ConfirmedFile>
  readonly abort: Gatherer<void>
  readonly probe: Gatherer<ReturnType<typeof readPlace>>
  readonly remove: Gatherer<void>
  readonly view: Gatherer<ViewedFile>
}

const nothing = (): void => {}

/** Until the signer has said, or shown, from which size on: see the route's `multipartFrom`. */
const usualPartsFrom = 64 * 1024 ** 2

/** Makes the client of the signer at one address. */
export function createSignerClient(server: JsonServerOptions): SignerClient {
  const { endpoint } = server

  const unusable = (cause: ProtocolError): UploadError =>
    badAnswer(
      endpoint,
      `${cause.message} Is the endpoint right, and does it lead to the upload handler?`,
      cause,
    )

  function read<T>(parse: () => T): T {
    const value = orFault(parse)
    if (value instanceof ProtocolError) throw unusable(value)
    return value
  }

  const ask: SignerClient['ask'] = async (request, call, parse, readProblem) => {
    const text = await postJson(server, request, call, readProblem)
    return read(() => parse(text))
  }

  function together<T>(
    action: BatchRequest['action'],
    readVerdict: (verdict: ReadonlyMap<string, Json>) => T,
    readProblem: ProblemReader = uploadProblem,
  ) {
    const outcomeOf = (verdict: ReadVerdictOf<T> | ProtocolError): Gathered<T> => {
      if (verdict instanceof ProtocolError) return { ok: false, error: unusable(verdict) }
      return verdict.ok ? verdict : { ok: false, error: problemError(endpoint, verdict, readProblem) }
    }
    return async (receipts: readonly string[], call: BackendCall): Promise<readonly Gathered<T>[]> => {
      const verdicts = await ask(
        { v: 1, action, receipts },
        call,
        (text) => parseVerdicts(text, receipts.length, readVerdict),
        readProblem,
      )
      return verdicts.map(outcomeOf)
    }
  }
  const most = wireLimits.receipts
  const confirm = together('confirm', readConfirmed, confirmProblem)

  return {
    endpoint,
    partsFrom: usualPartsFrom,
    ask,
    unusable,
    async get(call, parse) {
      const text = await getJson(server, call)
      return read(() => parse(text))
    },
    confirm: createGatherer(most, confirm),
    confirmAlone: createGatherer(1, confirm),
    abort: createGatherer(most, together('abort', nothing)),
    probe: createGatherer(most, together('probe', readPlace)),
    remove: createGatherer(most, together('delete', nothing)),
    view: createGatherer(most, together('view', readView)),
  }
}
