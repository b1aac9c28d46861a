import type { UploadProgress } from '../../core/index.ts'

/** How much of it is done, 0 to 1. An empty file has nothing to send and is at 0 until it is stored. */
export const ratioOf = ({ loaded, total }: UploadProgress): number => (total > 0 ? loaded / total : 0)

/** In whole percent for a bar that is still moving: 100 only says that all is done, and it is not yet. */
export const percentOf = (progress: UploadProgress): number =>
  Math.min(99, Math.floor(ratioOf(progress) * 100))
