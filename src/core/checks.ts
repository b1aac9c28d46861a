/** The app's own checks of files that the rules took. */
import { objection } from './rules/objection.ts'
import type { FileError, UploadChecks, UploadItem, Verdict } from './types.ts'

type Checked = FileError | undefined

/**
 * The app's verdicts on files of one `add()`, in order: at once where it answers at once.
 * @param existing what is in the list already, but for what was canceled or refused
 * @param items one per file, in the same order
 */
export function runChecks(
  files: readonly File[],
  items: readonly UploadItem[],
  existing: readonly UploadItem[],
  checks: UploadChecks,
): (Checked | Promise<Checked>)[] {
  const { validator, validateBatch, duplicates = 'keep' } = checks
  const known = new Map<string, UploadItem>()
  if (duplicates !== 'keep') for (const item of existing) known.set(identityOf(item), item)
  const ofBatch = files.length && validateBatch ? attempt(() => validateBatch(files)) : undefined

  return files.map((file, index) => {
    const item = items[index]
    if (!item) return undefined
    const twin = known.get(identityOf(item))
    if (duplicates !== 'keep' && !twin) known.set(identityOf(item), item)
    const questions = [
      () => ofBatch,
      () => {
        if (!twin || duplicates === 'keep') return undefined
        return duplicates === 'skip' ? false : attempt(() => duplicates(file, twin))
      },
      () => validator && attempt(() => validator(file)),
    ]
    const codes = ['vetoed', 'duplicate', 'vetoed'] as const
    return ask(questions, codes, file)
  })
}

const identityOf = ({ name, size, lastModified, relativePath = '' }: UploadItem): string =>
  JSON.stringify([relativePath || name, size, lastModified])

/** A check that throws takes no file; its message is the reason. */
function attempt(check: () => Verdict | Promise<Verdict>): Verdict | Promise<Verdict> {
  try {
    const verdict = check()
    return verdict instanceof Promise ? verdict.catch(reasonOf) : verdict
  } catch (error) {
    return reasonOf(error)
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** One question after the other, until one has an objection. */
function ask(
  [question, ...questions]: readonly (() => Verdict | Promise<Verdict>)[],
  [code, ...codes]: readonly FileError['code'][],
  file: File,
): Checked | Promise<Checked> {
  if (!question || !code) return undefined
  const judge = (verdict: Verdict): Checked | Promise<Checked> =>
    verdict === false || (typeof verdict === 'string' && verdict !== '')
      ? objection(file, code, verdict || undefined)
      : ask(questions, codes, file)
  const verdict = question()
  return verdict instanceof Promise ? verdict.then(judge) : judge(verdict)
}
