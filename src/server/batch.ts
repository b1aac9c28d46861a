/** Calls about many uploads at once: each is judged by itself. */
import type { BatchAnswer, Verdict } from '../protocol/wire-actions.ts'
import type { CallContext } from './call-context.ts'
import { toProblem } from './problem.ts'

/**
 * Runs an action for each receipt, and gathers the verdicts in order: what fails for one is that one's alone. A receipt
 * that is named twice is judged once.
 */
export async function judgeEach<T extends object>(
  receipts: readonly string[],
  context: CallContext,
  run: (receipt: string, context: CallContext) => Promise<T>,
): Promise<BatchAnswer<T>> {
  const judge = async (receipt: string): Promise<Verdict<T>> => {
    try {
      return { ok: true, ...(await run(receipt, context)) }
    } catch (error) {
      const { status, code, message, rejectCode } = toProblem(error, context.report)
      return { ok: false, error: { status, code, detail: message, ...(rejectCode && { rejectCode }) } }
    }
  }
  const once = new Map<string, Promise<Verdict<T>>>()
  const verdicts = receipts.map((receipt) => {
    const verdict = once.get(receipt) ?? judge(receipt)
    once.set(receipt, verdict)
    return verdict
  })
  return { v: 1, verdicts: await Promise.all(verdicts) }
}
