/** A new upload in place of one that died: bounded, and the old one is ended. */
import type { SignFile } from '../protocol/wire.ts'
import { Refused } from './admit.ts'
import type { CallContext } from './call-context.ts'
import { endParts } from './end-uploads.ts'

/** How often one item may start again: more than any retry rule of a browser asks for. */
const mostRestarts = 20

/** What a restart goes on from. */
export interface Restart {
  /** The receipt of the upload that is replaced: the new key is derived from it, so that a repeated call finds it. */
  readonly receipt: string
  /** How many restarts led here, this one included. */
  readonly count: number
}

/**
 * Reads what a file restarts, and aborts the parts of that upload. Undefined where the file is no restart, or its
 * receipt is none of this signer's: then the upload begins as if for the first time, under one key however often it is
 * asked for.
 * @throws Refused after too many restarts
 */
export async function readRestart(
  { id, reason, receipt }: SignFile,
  context: CallContext,
): Promise<Restart | undefined> {
  if (reason !== 'restart' || receipt === undefined) return undefined
  const { receipts, userId, routeName, report } = context
  const facts = await receipts.open(receipt, userId, routeName)
  if (facts?.kind !== 'upload' || facts.id !== id) return undefined
  const count = (facts.restarts ?? 0) + 1
  if (count > mostRestarts)
    throw new Refused('refused', 'This upload was started again too often. Add the file once more.')
  try {
    await endParts(facts, context)
  } catch (error) {
    // Room that is not freed now is freed by sweep().
    report(error, 'aborting the parts of an upload that starts again')
  }
  return { receipt, count }
}
