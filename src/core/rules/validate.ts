import { acceptLabels } from '../../protocol/accept-labels.ts'
import { acceptsFile } from '../../protocol/accept.ts'
import type { UploadRules } from '../settings.ts'
import type { FileError } from '../types.ts'
import { objection } from './objection.ts'

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
    errors.push({ ...objection(file, 'file-invalid-type'), limit: acceptLabels(accept), actual: file.type })
  if (file.size > maxSize) errors.push({ ...objection(file, 'file-too-large'), limit: maxSize })
  if (file.size < minSize) errors.push({ ...objection(file, 'file-too-small'), limit: minSize })
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
  const checked = files.map((file) => ({ file, errors: checkFile(file, rules) }))
  const admitted = checked.filter(({ errors }) => !errors.length)
  const withFile = ({ files: count, bytes }: Occupancy, { size }: FileCandidate): Occupancy => ({
    files: count + 1,
    bytes: bytes + size,
  })
  const wanted = admitted.reduce((sum, { file }) => withFile(sum, file), occupied)
  let taken = occupied
  for (const { file, errors } of admitted) {
    const next = withFile(taken, file)
    // `reject` judges the batch as a whole, `trim` each file behind those that fitted.
    const judged = overflow === 'reject' ? wanted : next
    if (judged.files > maxFiles)
      errors.push({ ...objection(file, 'too-many-files'), limit: maxFiles, actual: wanted.files })
    else if (judged.bytes > maxTotalSize)
      errors.push({ ...objection(file, 'total-too-large'), limit: maxTotalSize, actual: wanted.bytes })
    else taken = next
  }
  return checked.map(({ errors }) => errors)
}
