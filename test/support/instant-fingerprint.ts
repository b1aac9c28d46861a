/** Fingerprints without reading: tests that move the clock by hand cannot wait for a digest. For `vi.mock`. */
import type * as Fingerprint from '../../src/core/resume/fingerprint.ts'

export async function instantFingerprint(
  original: () => Promise<typeof Fingerprint>,
): Promise<typeof Fingerprint> {
  return {
    ...(await original()),
    fingerprintOf: async ({ size, lastModified = 0 }) => ({ size, lastModified, content: 'not read' }),
  }
}
