/** The choice of a file's transport: a form, PUT, or parts. */
import { partLimits } from '../protocol/part-plan.ts'
import type { SignFile } from '../protocol/wire.ts'
import { Refused } from './admit.ts'
import type { CallContext } from './call-context.ts'
import { needsFormHeaders } from './content.ts'
import { formsOnly } from './forms-only.ts'
import { multipartFromOf } from './limits.ts'
import type { AnyRouteOptions } from './route.ts'
import type { StoreCapabilities } from './storage/capabilities.ts'
import { mayLoseHeaders, mustGoWhole } from './store-needs.ts'
import type { GrantedObject } from './targets.ts'

type Described = Pick<GrantedObject, 'createOnly' | 'checksum' | 'headers'>

/** Does it go in parts? Decided before its key, which is then made so that it can be found again. */
export async function goesInParts(file: SignFile, context: CallContext): Promise<boolean> {
  return wantsParts(file, context.route, context.bucket.can) && !(await formsOnly(context))
}

/**
 * As a form or as PUT?
 * @throws Refused if the browser cannot do what the route and the store can
 */
export async function wholeTransport(
  file: SignFile,
  object: Described,
  context: CallContext,
): Promise<'post' | 'put'> {
  const { route, bucket } = context
  const { transport = 'auto' } = route
  const { accepts, size } = file
  const reasons = reasonsAgainstForms(object, file.name, bucket.can)
  const canPost = reasons.length === 0
  const isForm = transport !== 'put' && transport !== 'multipart' && canPost && accepts.includes('post')
  const isSmall = size <= partLimits.maxSize
  const takesPut =
    isSmall && transport !== 'post' && accepts.includes('put') && (transport !== 'multipart' || size === 0)
  const prefersPut = !bucket.can.formHeaders && transport === 'auto' && takesPut
  if (isForm && isSmall && !prefersPut) return 'post'
  const isUrlNext = takesPut || wantsParts(file, route, bucket.can)
  if (isUrlNext && (await formsOnly(context))) {
    if (isForm && isSmall) return 'post'
    if (!isSmall) reasons.push('has more than 5 GiB')
    if (!accepts.includes('post')) reasons.push('has an uploader without forms')
    if (transport === 'put' || transport === 'multipart') reasons.push(`has transport ${transport}`)
    throw refuseUrl(reasons, context)
  }
  if (takesPut) return 'put'
  throw new Refused(
    'refused',
    !isSmall || transport === 'multipart'
      ? 'The server takes this file only in parts, and this uploader cannot send those.'
      : `The server takes this file only as ${canPost && transport !== 'put' ? 'a form' : 'PUT'}, and this uploader cannot send one.`,
  )
}

function wantsParts({ size, accepts }: SignFile, route: AnyRouteOptions, can: StoreCapabilities): boolean {
  const { transport = 'auto' } = route
  // An upload in parts has one part at least, and nobody sends a part of nothing.
  if (!accepts.includes('multipart') || size === 0 || mustGoWhole(route, can)) return false
  if (transport !== 'auto') return transport === 'multipart'
  const canWhole =
    accepts.includes('put') || (accepts.includes('post') && can.post && !mayLoseHeaders(route, can))
  return !canWhole || size > partLimits.maxSize || size >= (multipartFromOf(route) ?? Infinity)
}

/** Why the object cannot be sent as a form, as ends of "The file …". */
function reasonsAgainstForms(
  { createOnly, checksum, headers }: Described,
  name: string,
  can: StoreCapabilities,
): string[] {
  return [
    ...(can.post ? [] : ['goes to a store without forms']),
    // No form field says If-None-Match, and CRC64NVME is not among the fields either (AWS: RESTObjectPOST).
    ...(createOnly ? ['has createOnly'] : []),
    ...(!can.formHeaders && needsFormHeaders(headers, name) ? ['has headers that forms lose here'] : []),
    ...(checksum?.algorithm === 'crc64nvme' ? ['has a CRC64NVME checksum'] : []),
  ]
}

function refuseUrl(reasons: readonly string[], { report }: CallContext): Refused {
  report(
    new Error(
      `The store acts on headers that nobody signed, so that only forms are granted. This file ${reasons.join(', and ')}. Give storage.grantCredentials to grant PUT and parts.`,
    ),
    'granting an upload',
  )
  return new Refused('refused', 'The server takes this file only as a form, which is not possible.')
}
