import type { FileError } from '../types.ts'

/** An objection that has no limit to name. */
export function objection(
  { name, size, type }: { name: string; size: number; type: string },
  code: FileError['code'],
  reason?: string,
): FileError {
  return { code, file: { name, size, type }, limit: 0, actual: size, ...(reason && { reason }) }
}
