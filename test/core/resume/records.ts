import type { ResumeRecord } from '../../../src/core/resume/types.ts'

/** A whole record of an unfinished upload, for tests to change. */
export const recordOf = (id: string, change: Partial<ResumeRecord> = {}): ResumeRecord => ({
  id,
  backend: 'kit',
  state: 'open',
  ref: { receipt: 'r', uploadId: ['u', 1, null, true] },
  partSize: 5_242_880,
  parts: [
    { number: 1, size: 5_242_880, etag: '"e"', checksum: { algorithm: 'crc32', value: 'y/Q5Jg==' } },
    { number: 2, size: 5_242_880 },
  ],
  fingerprint: { size: 20_000_000, lastModified: 1_700_000_000_000, content: 'sha256-1:00' },
  name: 'größe.mov',
  size: 20_000_000,
  type: 'video/quicktime',
  lastModified: 1_700_000_000_000,
  relativePath: 'holiday/größe.mov',
  options: { album: 7 },
  record: { row: 'x' },
  createdAt: 1_000,
  updatedAt: 1_000,
  ...change,
})
