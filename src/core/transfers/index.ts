/** Carrying a target out. */
import { noChunk } from '../errors.ts'
import type { StoredObject } from '../ports.ts'
import type { TransferContext } from './context.ts'
import { sendPost } from './post.ts'
import { sendPut } from './put.ts'

/**
 * Carries out what was granted.
 * @throws UploadError S3's reason, or the transport's; {@link PutOff} when all that is left has to wait
 */
export async function transfer(context: TransferContext): Promise<StoredObject> {
  const { target } = context.grant
  if (target.type === 'post') return sendPost(target, context)
  if (target.type === 'put') return sendPut(target, context)
  const { sendParts } = await import('./parts-chunk.ts').catch(noChunk)
  return sendParts(target, context)
}
