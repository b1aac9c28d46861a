/** The rule about types of files: a chunk of its own with its table of media types, fetched where an app has such a rule. */
type AcceptRule = typeof import('../../protocol/accept.ts')

let rule: AcceptRule | undefined

/** The rule, where it has been fetched. */
export const acceptRule = (): AcceptRule | undefined => rule

/** Fetches it. Rejects where the chunk cannot be had; a later call tries again. */
export async function loadAcceptRule(): Promise<AcceptRule> {
  return (rule ??= await import('../../protocol/accept.ts'))
}
