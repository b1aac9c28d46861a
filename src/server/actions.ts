import type { SignerRequest } from '../protocol/wire-actions.ts'
/** Which action does what. */
import type { SignAnswer } from '../protocol/wire.ts'
import type { CallContext } from './call-context.ts'
import { confirmUpload } from './confirm.ts'
import { completeMultipart, listParts, signParts } from './multipart.ts'
import { signFiles } from './sign.ts'
import { abortUpload, deleteFile, listFiles, probeUpload, viewFile } from './stored-files.ts'

/**
 * The answer to one call, for whom it is allowed already.
 * @throws ProblemError
 */
export async function runAction(request: SignerRequest, context: CallContext): Promise<object> {
  switch (request.action) {
    case 'sign': {
      const answer: SignAnswer = { v: 1, files: await signFiles(request.files, context) }
      return answer
    }
    case 'sign-parts':
      return signParts(request, context)
    case 'list-parts':
      return listParts(request.receipt, context)
    case 'complete':
      return completeMultipart(request, context)
    case 'confirm':
      return confirmUpload(request.receipt, context)
    case 'abort':
      return abortUpload(request.receipt, context)
    case 'probe':
      return probeUpload(request.receipt, context)
    case 'delete':
      return deleteFile(request.receipt, context)
    case 'view':
      return viewFile(request.receipt, context)
    case 'list':
      return listFiles(request.cursor, context)
  }
}
