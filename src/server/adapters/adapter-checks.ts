/** Checks of what the adapters are given. */
import type { Checks } from '../option-checks.ts'
import { amount, checkOptions, hook, isOrigin, limit, that } from '../option-checks.ts'

/** Where a server is reached from. Not `undefined`: the caller's own word would count instead. */
const origin = limit(that('an origin such as https://app.example.com', isOrigin))

/** The options of the adapter for Lambda by name. */
export const lambdaChecks: Checks = { origin }

/** The options of the adapters for Node by name. */
export const nodeChecks: Checks = { origin, bodyLimit: limit(amount) }

/** The options of toRequest() by name. */
export const requestChecks: Checks = { ...nodeChecks, body: () => {} }

/**
 * @param adapter such as `toNodeHandler`
 * @throws TypeError for an option that is wrong or unknown, or a handler that is no function
 */
export function checkAdapter(adapter: string, handler: unknown, options: unknown, checks: Checks): void {
  hook(handler, `The handler of ${adapter}()`)
  checkOptions(options, checks, `${adapter}: `)
}
