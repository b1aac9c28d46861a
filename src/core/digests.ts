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
  /** Are the parts of an upload digested that was asked for with these? */
  readonly isDigested: (asked: AskExtras | undefined) => boolean
  /** The digest of one of its parts, if any was asked for. */
  readonly digest: (
    blob: Blob,
    signal: AbortSignal,
    asked: AskExtras | undefined,
  ) => Promise<Checksum | undefined>
}

/** Makes the digests of one engine. */
export function createDigests(backend: UploadBackend, settings: () => UploaderSettings): Digests {
  // What it was begun with, not the setting of the moment: S3 takes no parts with several kinds of digests.
  const ofParts = (asked: AskExtras | undefined): ChecksumAlgorithm | undefined =>
    backend.multipart?.partChecksum ?? (asked ? asked.partChecksum : settings().checksum)

  return {
    async extras(item, signal) {
      const { checksum } = settings()
      if (!checksum) return {}
      const facts = factsOf(item)
      // What goes in parts is digested part by part.
      if (!backend.signsAhead(facts) && backend.multipart) return { partChecksum: checksum }
      return { partChecksum: checksum, checksum: await compute(facts.source, checksum, signal) }
    },
    isDigested: (asked) => ofParts(asked) !== undefined,
    async digest(blob, signal, asked) {
      const algorithm = ofParts(asked)
      return algorithm && compute(blob, algorithm, signal)
    },
  }
}

async function compute(blob: Blob, algorithm: ChecksumAlgorithm, signal: AbortSignal): Promise<Checksum> {
  const { digest } = await import('./integrity/digest.ts').catch(noChunk)
  return digest(blob, algorithm, signal)
}
