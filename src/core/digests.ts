/** The digests that go with a file, where the app or the backend wants them. Their code loads when there are any. */
import { noChunk } from './errors.ts'
import type { AskExtras } from './grants.ts'
import { factsOf } from './grants.ts'
import type { Checksum, ChecksumAlgorithm, UploadBackend } from './ports.ts'
import type { UploaderSettings } from './settings.ts'
import type { UploadItem } from './types.ts'

/** See {@link createDigests}. */
export interface Digests {
  /** What a first ask says besides the file's facts. */
  readonly extras: (item: UploadItem, signal: AbortSignal) => Promise<AskExtras>
  /** Are parts digested? */
  readonly isDigested: () => boolean
  /** The digest of a part that was asked for, if any. */
  readonly digest: (blob: Blob, signal: AbortSignal) => Promise<Checksum | undefined>
}

/** Makes the digests of one engine. */
export function createDigests(backend: UploadBackend, settings: () => UploaderSettings): Digests {
  const ofParts = (): ChecksumAlgorithm | undefined => backend.multipart?.partChecksum ?? settings().checksum

  return {
    async extras(item, signal) {
      const { checksum } = settings()
      if (!checksum) return {}
      const facts = factsOf(item)
      // What goes in parts is digested part by part.
      if (!backend.signsAhead(facts) && backend.multipart) return { partChecksum: checksum }
      return { partChecksum: checksum, checksum: await compute(facts.source, checksum, signal) }
    },
    isDigested: () => ofParts() !== undefined,
    async digest(blob, signal) {
      const algorithm = ofParts()
      return algorithm && compute(blob, algorithm, signal)
    },
  }
}

async function compute(blob: Blob, algorithm: ChecksumAlgorithm, signal: AbortSignal): Promise<Checksum> {
  const { digest } = await import('./integrity/digest.ts').catch(noChunk)
  return digest(blob, algorithm, signal)
}
