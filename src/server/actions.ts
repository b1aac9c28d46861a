/** Which action does what. */
import type { SignerRequest } from '../protocol/wire-actions.ts'
import type { SignAnswer } from '../protocol/wire.ts'
import { abortUpload } from './abort.ts'
import { judgeEach } from './batch.ts'
import type { CallContext } from './call-context.ts'
import { confirmUpload } from './confirm.ts'
import { completeMultipart, listParts, signParts } from './multipart.ts'
import { signFiles } from './sign.ts'
import { deleteFile, listFiles, probeUpload, viewFile } from './stored-files.ts'

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
      return judgeEach(request.receipts, context, confirmUpload)
    case 'abort':
      return judgeEach(request.receipts, context, abortUpload)
    case 'probe':
      return judgeEach(request.receipts, context, probeUpload)
    case 'delete':
      return judgeEach(request.receipts, context, deleteFile)
    case 'view':
      return judgeEach(request.receipts, context, viewFile)
    case 'list':
      return listFiles(request.cursor, context)
  }
}
