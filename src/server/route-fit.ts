/** Does a receipt fit the route that is asked? Another signer on the same bucket may have sealed it. */
import { matchAccept } from '../protocol/accept.ts'
import { partLimits } from '../protocol/part-plan.ts'
import type { CallContext } from './call-context.ts'
import { ProblemError } from './problem.ts'
import type { ReceiptFacts } from './receipt.ts'

/**
 * The rules of the route once more, on what was granted.
 * @throws ProblemError 403 if this route would not have granted it
 */
export function requireRoute(facts: ReceiptFacts, context: CallContext): void {
  const { accept = {}, minSize = 0, maxSize = partLimits.maxSize } = context.route
  const { name, size, type, claimedType = type } = facts
  const fits =
    size >= minSize && size <= maxSize && matchAccept(accept, { name, type: claimedType }) !== undefined
  if (fits && liesIn(facts, context)) return
  throw new ProblemError(
    403,
    'receipt-invalid',
    'This route would not have granted the upload of this receipt.',
  )
}

/** Are the keys of a receipt where this route puts files? */
export function liesIn({ key, finalKey, kind }: ReceiptFacts, { route }: CallContext): boolean {
  const { prefix = '', promote } = route
  if (kind === 'stored' || promote === undefined) return finalKey === undefined && key.startsWith(prefix)
  return finalKey !== undefined && finalKey.startsWith(prefix) && key.startsWith(promote)
}
