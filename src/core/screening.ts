/** What is taken: the rules' verdicts on the files of one `add()`, then the app's own. */
import type { Objections } from './checks.ts'
import { createCheck } from './checks.ts'
import type { Occupancy } from './rules/validate.ts'
import { checkBatch } from './rules/validate.ts'
import type { UploadChecks, UploadRules } from './settings.ts'
import type { UploadItem } from './types.ts'

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
  /** Have two files of one size the same content? */
  isSameContent: (one: File, other: File) => Promise<boolean>
}

/** Every objection to each file, in order; a promise where one of the app's checks answers later. */
export function screenFiles({
  files,
  items,
  rules,
  checks,
  occupied,
  existing,
  isSameContent,
}: Screened): readonly Objections[] {
  const verdicts = checkBatch(files, rules, occupied)
  if (!checks.validator && !checks.validateBatch && !checks.duplicates) return verdicts
  const check = createCheck(
    files.filter((_, index) => !verdicts[index]?.length),
    existing().filter(({ status }) => status !== 'canceled' && status !== 'rejected'),
    checks,
    isSameContent,
  )
  return items.map((item, index) => {
    const [file, errors = []] = [files[index], verdicts[index]]
    return file && !errors.length ? check(file, item) : errors
  })
}
