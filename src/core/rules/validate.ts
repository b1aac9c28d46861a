import { acceptLabels, acceptsFile } from '../../protocol/accept.ts'
import type { FileError, UploadRules } from '../types.ts'

/** What a rule looks at. */
export interface FileCandidate {
  name: string
  /** Bytes. */
  size: number
  type: string
}

/** What counts already against `maxFiles` and `maxTotalSize`. */
export interface Occupancy {
  files: number
  /** Bytes. */
  bytes: number
}

/** Every rule that one file breaks by itself, all at once, so that the user need not find out one by one. */
export function checkFile(file: FileCandidate, rules: UploadRules): FileError[] {
  const errors: FileError[] = []
  const { accept, minSize = 0, maxSize = Infinity } = rules
  if (accept && !acceptsFile(accept, file))
    errors.push({
      code: 'file-invalid-type',
      file: factsOf(file),
      limit: acceptLabels(accept),
      actual: file.type,
    })
  if (file.size > maxSize)
    errors.push({ code: 'file-too-large', file: factsOf(file), limit: maxSize, actual: file.size })
  if (file.size < minSize)
    errors.push({ code: 'file-too-small', file: factsOf(file), limit: minSize, actual: file.size })
  return errors
}

/**
 * The verdict on each file of a batch, in order: an empty list admits it. A file that breaks a rule of its own does
 * not count against the limits of the list.
 */
export function checkBatch(
  files: readonly FileCandidate[],
  rules: UploadRules,
  occupied: Occupancy,
): FileError[][] {
  const { maxFiles = Infinity, maxTotalSize = Infinity, overflow = 'trim' } = rules
  const verdicts = files.map((file) => checkFile(file, rules))
  const admitted = files.flatMap((file, index) => (verdicts[index]?.length ? [] : [{ file, index }]))
  const wanted = {
    files: occupied.files + admitted.length,
    bytes: occupied.bytes + admitted.reduce((sum, { file }) => sum + file.size, 0),
  }
  const reject = (index: number, file: FileCandidate, code: FileError['code']): void => {
    const [limit, actual] =
      code === 'too-many-files' ? [maxFiles, wanted.files] : [maxTotalSize, wanted.bytes]
    verdicts[index]?.push({ code, file: factsOf(file), limit, actual })
  }
  const taken = { ...occupied }
  for (const { file, index } of admitted) {
    const next = { files: taken.files + 1, bytes: taken.bytes + file.size }
    // `reject` judges the batch as a whole, `trim` each file behind those that fitted.
    const judged = overflow === 'reject' ? wanted : next
    if (judged.files > maxFiles) reject(index, file, 'too-many-files')
    else if (judged.bytes > maxTotalSize) reject(index, file, 'total-too-large')
    else Object.assign(taken, next)
  }
  return verdicts
}

const factsOf = ({ name, size, type }: FileCandidate): FileError['file'] => ({ name, size, type })
