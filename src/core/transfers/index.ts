import { UploadError } from '../errors.ts'
import type { StoredObject, UploadTarget } from '../ports.ts'
import type { TransferContext } from './post.ts'
import { sendPost } from './post.ts'

export type { TransferContext } from './post.ts'

/** The kinds of target that can be carried out. */
export const supportedTargets: readonly UploadTarget['type'][] = ['post']

/**
 * Carries a target out.
 * @throws UploadError `unsupported-target`, S3's reason, or the transport's
 */
export function transfer(target: UploadTarget, context: TransferContext): Promise<StoredObject> {
  if (target.type === 'post') return sendPost(target, context)
  throw new UploadError(
    'unsupported-target',
    'never',
    `The backend granted a ${target.type} target; it was asked for one of: ${supportedTargets.join(', ')}.`,
  )
}
