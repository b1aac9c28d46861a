/** The app's own checks of files that the rules took. */
import { objection } from './rules/objection.ts'
import type { UploadChecks, Verdict } from './settings.ts'
import type { FileError, UploadItem } from './types.ts'

type Answer<T> = T | Promise<T>

/** Every objection to a file; a promise where the app answers later. */
export type Objections = Answer<readonly FileError[]>

/**
 * Asks the app about the files of one `add()`, in order; what it answers at once is there at once.
 * @param files those that the rules took
 * @param existing what is in the list already, but for what was canceled or refused
 * @param isSameContent of two files of one size
 */
export function createCheck(
  files: readonly File[],
  existing: readonly UploadItem[],
  { validator, validateBatch, duplicates = 'keep', compareContent = false }: UploadChecks,
  isSameContent: (one: File, other: File) => Promise<boolean>,
): (file: File, item: UploadItem) => Objections {
  /** Those that look the same. */
  const known = new Map<string, UploadItem[]>()
  const twinsOf = (item: UploadItem): UploadItem[] => {
    const identity = identityOf(item)
    const twins = known.get(identity) ?? []
    known.set(identity, twins)
    return twins
  }
  if (duplicates !== 'keep') for (const item of existing) twinsOf(item).push(item)
  const ofBatch = files.length && validateBatch ? attempt(() => validateBatch(files)) : true

  const asDuplicate = (file: File, item: UploadItem): Answer<Verdict> => {
    if (duplicates === 'keep') return true
    const twins = twinsOf(item)
    const before = [...twins]
    twins.push(item)
    const judge = (twin: UploadItem | undefined): Answer<Verdict> =>
      !twin || (duplicates !== 'skip' && attempt(() => duplicates(file, twin)))
    return compareContent && before.length ? twinIn(before, file).then(judge) : judge(before[0])
  }

  /** The first of these with the same content; one whose file is gone counts as the same. */
  const twinIn = async (items: readonly UploadItem[], file: File): Promise<UploadItem | undefined> => {
    for (const item of items) if (!item.file || (await isSameContent(item.file, file))) return item
    return undefined
  }

  return (file, item) =>
    ask(file, [
      ['vetoed', () => ofBatch],
      ['duplicate', () => asDuplicate(file, item)],
      ['vetoed', () => !validator || attempt(() => validator(file))],
    ])
}

const identityOf = ({ name, size, lastModified, relativePath = '' }: UploadItem): string =>
  JSON.stringify([relativePath || name, size, lastModified])

/**
 * A check that throws takes no file; its message is the reason. What it answers later becomes a promise of ours: a
 * library's thenable, or a promise of another frame, would pass for a verdict that says nothing.
 */
function attempt(check: () => Answer<Verdict>): Answer<Verdict> {
  try {
    const verdict = check()
    return isThenable(verdict) ? Promise.resolve(verdict).catch(reasonOf) : verdict
  } catch (error) {
    return reasonOf(error)
  }
}

const isThenable = (verdict: Answer<Verdict>): verdict is Promise<Verdict> =>
  typeof (new Object(verdict) as { then?: unknown }).then === 'function'

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

type Question = readonly [code: FileError['code'], put: () => Answer<Verdict>]

/** One question after the other, until one has an objection. */
function ask(file: File, [question, ...questions]: readonly Question[]): Objections {
  if (!question) return []
  const [code, put] = question
  const judge = (verdict: Verdict): Objections =>
    verdict === false || (typeof verdict === 'string' && verdict !== '')
      ? [objection(file, code, verdict || undefined)]
      : ask(file, questions)
  const verdict = put()
  return verdict instanceof Promise ? verdict.then(judge) : judge(verdict)
}
