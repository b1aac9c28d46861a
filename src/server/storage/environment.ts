/**
 * What the storage options leave to the environment, under the names that AWS's own tools read. It is read when a call
 * needs it, since builds import the app's modules where secrets are missing (`next build`).
 */
import { isText } from '../option-checks.ts'
import type { SignerCredentials } from './options.ts'

/** The region: `AWS_REGION`, else `AWS_DEFAULT_REGION`. @throws TypeError that names what is missing */
export const environmentRegion = (): string =>
  variable('AWS_REGION') ?? variable('AWS_DEFAULT_REGION') ?? missing('AWS_REGION', 'region')

/**
 * `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, where it is set, `AWS_SESSION_TOKEN`.
 * @throws TypeError that names what is missing
 */
export function environmentCredentials(): SignerCredentials {
  const needed = (name: string): string => variable(name) ?? missing(name, 'credentials')
  const accessKeyId = needed('AWS_ACCESS_KEY_ID')
  const secretAccessKey = needed('AWS_SECRET_ACCESS_KEY')
  const sessionToken = variable('AWS_SESSION_TOKEN')
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
}

function variable(name: string): string | undefined {
  // Not every server has `process`.
  const value: unknown = globalThis.process?.env?.[name]
  return isText(value) ? value : undefined
}

function missing(name: string, option: string): never {
  throw new TypeError(`The environment variable ${name} is not set. Set it, or give storage.${option}.`)
}
