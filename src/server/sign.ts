/** The verdicts on the files of one call: a grant that fits just this file, or a refusal with a code. */
import type { Refusal, SignFile, SignVerdict } from '../protocol/wire.ts'
import { checkRules, createAllowance, readRouteMetadata, Refused } from './admit.ts'
import type { CallContext } from './call-context.ts'
import type { Admitted } from './grant.ts'
import { beginUpload, renewUpload } from './grant.ts'
import { readQuota } from './hook-answers.ts'
import { ProblemError } from './problem.ts'

/** One verdict per file, in order; only what concerns no file in particular is thrown. */
export async function signFiles(
  files: readonly SignFile[],
  context: CallContext,
): Promise<readonly SignVerdict[]> {
  const admitted = await admit(files, context)
  return Promise.all(
    files.map(async (file, index) => {
      const found = admitted[index]
      if (found === undefined || found instanceof Refused) return refused(found?.refusal)
      return grantOrRefuse(file, found, context)
    }),
  )
}

const isRenewal = (file: SignFile): boolean => file.reason === 'renew' && file.receipt !== undefined

/** Rules and metadata first, for all; then the room, in order, for those that are left. */
async function admit(
  files: readonly SignFile[],
  { route, user }: CallContext,
): Promise<(Admitted | Refused)[]> {
  const judged = await Promise.all(
    files.map(async (file, index): Promise<Admitted | Refused> => {
      try {
        const match = checkRules(file, { index, count: files.length }, route)
        return { match, metadata: await readRouteMetadata(file.metadata, route) }
      } catch (error) {
        if (error instanceof Refused) return error
        throw error
      }
    }),
  )
  const isNew = (at: number): boolean => {
    const file = files[at]
    return file !== undefined && !(judged[at] instanceof Refused) && !isRenewal(file)
  }
  if (!route.quota || !files.some((_file, at) => isNew(at))) return judged
  const take = createAllowance(readQuota(await route.quota({ user })))
  return judged.map((verdict, at) => {
    try {
      if (isNew(at)) take(files[at]?.size ?? 0)
      return verdict
    } catch (error) {
      if (error instanceof Refused) return error
      throw error
    }
  })
}

async function grantOrRefuse(file: SignFile, admitted: Admitted, context: CallContext): Promise<SignVerdict> {
  try {
    return isRenewal(file)
      ? await renewUpload(file, admitted, context)
      : await beginUpload(file, admitted, context)
  } catch (error) {
    if (error instanceof Refused) return refused(error.refusal)
    // One file's trouble must not take back the grants, and the records, of the others.
    context.report(error instanceof ProblemError ? (error.cause ?? error) : error, 'granting an upload')
    const isStore = error instanceof ProblemError && error.code === 'storage-failed'
    return refused({
      code: isStore ? 'storage-failed' : 'signer-failed',
      message: 'The server could not prepare the upload; its log says why. Try again.',
    })
  }
}

const refused = (refusal: Refusal | undefined): SignVerdict => ({
  ok: false,
  error: refusal ?? { code: 'refused', message: 'The file was not judged.' },
})
