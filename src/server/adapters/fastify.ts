/** The signer as a route of Fastify. */
import { checkAdapter, nodeChecks } from './adapter-checks.ts'
import type { NodeHandler, NodeHandlerOptions } from './node.ts'
import { toRequest } from './node.ts'

/** What is used of a FastifyRequest. */
export interface FastifyRequestLike {
  /** Node's message, which Fastify's parsers have read. */
  readonly raw: Parameters<NodeHandler>[0]
  /** What they made of it. */
  readonly body: unknown
}

/** What is used of a FastifyReply. */
export interface FastifyReplyLike {
  /** Node's answer, which tells when the client has gone. */
  readonly raw: Parameters<NodeHandler>[1]
}

/** A route's handler; Fastify sends the Response that it returns, through its own hooks. */
export type FastifyHandler = (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<Response>

/**
 * Lets a function from Request to Response be a route of Fastify 5. Bodies are what Fastify's parsers take: JSON as it
 * comes, under the route's `bodyLimit` (1 MiB unless set).
 * @example fastify.all('/api/uploads', toFastifyHandler(handler))
 */
export function toFastifyHandler(
  handler: (request: Request) => Promise<Response>,
  options: NodeHandlerOptions = {},
): FastifyHandler {
  checkAdapter('toFastifyHandler', handler, options, nodeChecks)
  return async ({ raw, body }, reply) => {
    const request = toRequest(raw, reply.raw, { ...options, body })
    return request ? handler(request) : new Response(null, { status: 400 })
  }
}
