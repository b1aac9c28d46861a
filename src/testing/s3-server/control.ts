/**
 * The control endpoint, for tests in other processes: `/_control/faults`, `/_control/log`, `/_control/snapshot`. No bucket
 * can have such a name. Only processes on this machine may use it, and no web page: whoever opens a page beside a
 * running test must not be able to change it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import type { FaultBook } from './faults/fault-book.ts'
import { decodeFaultRule } from './faults/fault.ts'
import type { RequestBody } from './http/body.ts'
import type { RequestLog } from './request-log.ts'
import { takeSnapshot } from './snapshot.ts'
import type { Catalog } from './store/catalog.ts'
import { Undecodable } from './store/decode.ts'

/** What can be looked at and changed. */
export interface Controlled {
  readonly faults: FaultBook
  readonly log: RequestLog
  readonly catalog: Catalog
}

const prefix = '/_control/'
const maxBody = 65_536

/** Is the request for the control endpoint? */
export function isControl(message: IncomingMessage): boolean {
  return message.url?.startsWith(prefix) ?? false
}

/** Answers it in JSON: 200, 201, 204; 400 for a rule that is none, 403 for strangers, 404 for anything else. */
export async function control(
  controlled: Controlled,
  message: IncomingMessage,
  body: RequestBody,
  response: ServerResponse,
): Promise<void> {
  const { status, content } = isStranger(message)
    ? {
        status: 403,
        content: { error: 'Only processes on this machine may control the server, and no web page.' },
      }
    : await act(controlled, `${message.method} ${message.url?.slice(prefix.length)}`, body)
  await body.drain()
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(content === undefined ? undefined : JSON.stringify(content))
}

interface Result {
  readonly status: number
  readonly content?: unknown
}

async function act({ faults, log, catalog }: Controlled, line: string, body: RequestBody): Promise<Result> {
  const listed = () => faults.list().map(({ id, rule, hits }) => ({ id, rule, hits }))
  switch (line) {
    case 'GET faults':
      return { status: 200, content: listed() }
    case 'POST faults':
      return addFault(faults, await body.text(maxBody))
    case 'DELETE faults':
      faults.clear()
      return { status: 204 }
    case 'GET log':
      return { status: 200, content: log.entries }
    case 'DELETE log':
      log.clear()
      return { status: 204 }
    case 'GET snapshot':
      return { status: 200, content: await takeSnapshot(catalog) }
    default: {
      const id = /^DELETE faults\/(\d+)$/.exec(line)?.[1]
      const fault = faults.list().find((one) => String(one.id) === id)
      if (!fault) return { status: 404, content: { error: `There is no ${line}.` } }
      fault.remove()
      return { status: 204 }
    }
  }
}

function addFault(faults: FaultBook, text: string): Result {
  try {
    const rule: unknown = JSON.parse(text)
    return { status: 201, content: { id: faults.add(decodeFaultRule(rule, 'rule')).id } }
  } catch (error) {
    if (error instanceof Undecodable || error instanceof SyntaxError)
      return { status: 400, content: { error: error.message } }
    throw error
  }
}

/** Browsers say where a page comes from; a name that somebody's DNS points here is no name of ours. */
function isStranger({ headers, socket }: IncomingMessage): boolean {
  const local = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/.test(socket.remoteAddress ?? '')
  const named = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/i.test(headers.host ?? '')
  return !local || !named || headers.origin !== undefined || headers['sec-fetch-site'] !== undefined
}
