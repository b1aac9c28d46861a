/** A grant as the browser reads it from the answer. */
import type { SignVerdict, WireTarget } from '../../../src/protocol/wire.ts'
import type { Answer } from '../support.ts'

export interface ReadGrant {
  readonly receipt: string
  readonly target: WireTarget
}

/** The only grant of an answer; undefined if the file is refused. */
export function readGrant({ body }: Answer): ReadGrant | undefined {
  const [verdict] = (body['files'] ?? []) as SignVerdict[]
  return verdict?.ok ? { receipt: verdict.receipt, target: verdict.target } : undefined
}
