/** What is known of a store before it is asked. They come from the app, from a preset or from the address. */
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

/** A store, as far as it is known before it is asked. */
export interface KnownStore {
  readonly can: StoreCapabilities
  /** See {@link takesFormsOnly}. */
  readonly isFormsOnly: boolean
}

/** Must the signer grant forms only? See `Bucket.formsOnly`, which asks a store of which it is not known. */
export const takesFormsOnly = ({ grantCredentials }: StorageOptions, can: StoreCapabilities): boolean =>
  can.unsignedHeaders === 'taken' && grantCredentials === undefined
