/** The rules of a route, applied to what the browser says of a file. */
import type { AcceptMatch } from '../protocol/accept.ts'
import { matchAccept } from '../protocol/accept.ts'
import type { Json } from '../protocol/json.ts'
import { partLimits } from '../protocol/part-plan.ts'
import type { Refusal, RefusalCode, SignFile } from '../protocol/wire.ts'
import { checkResult } from './hook-answers.ts'
import { controlCharacters } from './keys.ts'
import type { AnyRouteOptions } from './route.ts'

/** A refusal of one file alone; its message may reach the user. */
export class Refused extends Error {
  readonly refusal: Refusal
  constructor(code: RefusalCode, message: string, more: Omit<Refusal, 'code' | 'message'> = {}) {
    super(message)
    this.refusal = { code, message, ...more }
  }
}

/**
 * Judges the file at `index` of `count` by what it says of itself.
 * @throws Refused
 */
export function checkRules(
  file: SignFile,
  { index, count }: { readonly index: number; readonly count: number },
  route: AnyRouteOptions,
): AcceptMatch {
  const { accept = {}, minSize = 0, maxSize = partLimits.maxSize, maxFiles = Infinity } = route
  const { name, size } = file
  if (index >= maxFiles)
    throw new Refused('too-many-files', `At most ${maxFiles} files are taken at a time.`, {
      limit: maxFiles,
      actual: count,
    })
  if (controlCharacters.test(name))
    throw new Refused('refused', "The file's name holds control characters. Rename the file.")
  if (size > maxSize)
    throw new Refused('file-too-large', `A file may have at most ${maxSize} bytes.`, {
      limit: maxSize,
      actual: size,
    })
  if (size < minSize)
    throw new Refused('file-too-small', `A file must have at least ${minSize} bytes.`, {
      limit: minSize,
      actual: size,
    })
  const match = matchAccept(accept, file)
  if (match === undefined) throw new Refused('file-invalid-type', 'Files of this type are not taken.')
  return match
}

/**
 * What the route's schema makes of the metadata; undefined without a schema.
 * @throws Refused if it does not fit, or if there is some and no schema
 */
export async function readRouteMetadata(
  given: Json | undefined,
  { metadata: schema }: AnyRouteOptions,
): Promise<unknown> {
  if (!schema) {
    if (given === undefined) return undefined
    throw new Refused('refused', 'This route takes no metadata.')
  }
  const result = await schema['~standard'].validate(given)
  checkResult(result)
  if (!result.issues) return result.value
  const issues = result.issues.slice(0, 3).map(({ message, path = [] }) => {
    const names = path.map((step) => String(typeof step === 'object' ? step.key : step))
    return names.length > 0 ? `${names.join('.')}: ${message}` : message
  })
  // A schema's words may repeat what was sent: that is the asker's own.
  throw new Refused('refused', `The metadata does not fit. ${issues.join('; ')}`.slice(0, 1000))
}

/**
 * Takes files while they fit into what is left, in order.
 * @param remaining bytes
 */
export function createAllowance(remaining: number): (size: number) => void {
  let left = remaining
  return (size) => {
    if (size > left)
      throw new Refused('total-too-large', 'There is not enough room left for this file.', {
        limit: Math.max(0, Math.floor(left)),
        actual: size,
      })
    left -= size
  }
}
