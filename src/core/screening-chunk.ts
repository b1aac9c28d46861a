/** Rules and checks are a chunk of their own: it loads where an app has any. */
import type * as Screening from './screening.ts'

type Chunk = typeof Screening

let chunk: Chunk | undefined

/** The chunk, where it is there. */
export const screening = (): Chunk | undefined => chunk

/** Fetches it. Rejects where it cannot be had; a later call tries again. */
export async function loadScreening(): Promise<Chunk> {
  return (chunk ??= await import('./screening.ts'))
}
