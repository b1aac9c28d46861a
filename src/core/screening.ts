/** What is taken: the rules' verdicts on the files of one `add()`, then the app's own. */
import { runChecks } from './checks.ts'
import type { Occupancy } from './rules/validate.ts'
import { checkBatch } from './rules/validate.ts'
import type { FileError, UploadChecks, UploadItem, UploadRules } from './types.ts'

/** What is asked about. */
export interface Screened {
  files: readonly File[]
  /** One per file, in the same order. */
  items: readonly UploadItem[]
  rules: UploadRules
  checks: UploadChecks
  /** What counts against the rules already, without these. */
  occupied: Occupancy
  /** What is in the list already, without these. */
  existing: () => readonly UploadItem[]
}

/** Every objection to each file, in order; a promise where one of the app's checks answers later. */
export function screenFiles({
  files,
  items,
  rules,
  checks,
  occupied,
  existing,
}: Screened): (readonly FileError[] | Promise<readonly FileError[]>)[] {
  const verdicts: (readonly FileError[] | Promise<readonly FileError[]>)[] = checkBatch(
    files,
    rules,
    occupied,
  )
  const { validator, validateBatch, duplicates = 'keep' } = checks
  if (!validator && !validateBatch && duplicates === 'keep') return verdicts
  const taken = items.flatMap((item, index) => {
    const file = files[index]
    const isTaken = Array.isArray(verdicts[index]) && verdicts[index].length === 0
    return file && isTaken ? [{ item, file, index }] : []
  })
  const counted = existing().filter(({ status }) => status !== 'canceled' && status !== 'rejected')
  const answers = runChecks(
    taken.map(({ file }) => file),
    taken.map(({ item }) => item),
    counted,
    checks,
  )
  for (const [at, { index }] of taken.entries()) {
    const answer = answers[at]
    verdicts[index] = answer instanceof Promise ? answer.then(listOf) : listOf(answer)
  }
  return verdicts
}

const listOf = (error: FileError | undefined): FileError[] => (error ? [error] : [])
