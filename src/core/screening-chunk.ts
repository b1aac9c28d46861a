/** Rules and checks are a chunk of their own: it loads where an app has any. */
type Screening = typeof import('./screening.ts')

let chunk: Screening | undefined

/** The chunk, where it is there. */
export const screening = (): Screening | undefined => chunk

/** Fetches it. Rejects where it cannot be had; a later call tries again. */
export async function loadScreening(): Promise<Screening> {
  return (chunk ??= await import('./screening.ts'))
}
