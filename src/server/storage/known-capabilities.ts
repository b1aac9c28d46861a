/** Capabilities of a store before it is asked. They come from the app, from a preset or from the address. */
import { isAws } from './addresses.ts'
import type { StoreCapabilities } from './capabilities.ts'
import { awsCapabilities, unknownCapabilities } from './capabilities.ts'
import type { StorageOptions } from './options.ts'

/** @throws TypeError for an answer about unsigned headers that cannot be true of AWS */
export function knownCapabilities(options: StorageOptions): StoreCapabilities {
  const { capabilities } = options
  const assumed = isAws(options) ? awsCapabilities : unknownCapabilities
  // A value that is missing, as from the environment, must not stand for a good answer.
  const unsignedHeaders = capabilities?.unsignedHeaders ?? assumed.unsignedHeaders
  if (isAws(options) && unsignedHeaders === 'named')
    throw new TypeError("storage.capabilities.unsignedHeaders is never 'named' on AWS.")
  return { ...assumed, ...capabilities, unsignedHeaders }
}
