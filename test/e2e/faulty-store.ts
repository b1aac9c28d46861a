/** A local S3 whose faults and log a test holds in its hands, with a demo in front of it. */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { LogEntry, S3Server, S3ServerOptions } from '../../src/testing/s3-server/index.ts'
import { startS3Server } from '../../src/testing/s3-server/index.ts'
import type { DemoProcess } from './demo-process.ts'
import { startDemo } from './demo-process.ts'

const bucket = 'faulty'
const credentials = { accessKeyId: 'faulty', secretAccessKey: 'faulty-secret' }

/** See the head of this file. */
export interface FaultyStore {
  s3: S3Server
  demo: DemoProcess
  /** The store's requests of one kind, so far. */
  sent: (operation: LogEntry['operation']) => readonly LogEntry[]
  /** Its objects, and uploads in parts that nobody has ended. */
  stored: () => Promise<{ sha256: string[]; open: number }>
  stop: () => Promise<void>
}

/** Starts both; `args` are the demo's. */
export async function startFaultyStore(
  args: readonly string[] = [],
  exposeHeaders = ['ETag'],
  dialect: S3ServerOptions['dialect'] = 'aws',
): Promise<FaultyStore> {
  const s3 = await startS3Server({
    credentials: [credentials],
    dialect,
    region: dialect === 'r2' ? 'auto' : 'us-east-1',
  })
  const allowedMethods = ['POST', 'PUT'] as const
  await s3.createBucket(bucket, {
    cors: [{ allowedOrigins: ['*'], allowedMethods, allowedHeaders: ['*'], exposeHeaders }],
  })
  const place = ['--endpoint', s3.endpoint, '--bucket', bucket, '--region', s3.region, '--path-style']
  // What an unknown store is asked would stand among the requests that tests count, and use up their faults.
  const demo = await startDemo([...place, '--preset', 'aws', ...args], {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  })
  return {
    s3,
    demo,
    sent: (operation) =>
      s3.log.filter((entry) => entry.operation === operation && entry.method !== 'OPTIONS'),
    async stored() {
      const found = (await s3.snapshot()).find(({ name }) => name === bucket)
      return { sha256: found?.objects.map(({ sha256 }) => sha256) ?? [], open: found?.uploads.length ?? 0 }
    },
    async stop() {
      await demo.stop()
      await s3.close()
    },
  }
}

/** A file on the disk. */
export interface DiskFile {
  path: string
  name: string
  size: number
  sha256: string
  remove: () => void
}

/** Writes a file of so many MiB, each of which is unlike the others. */
export async function diskFile(name: string, mebibytes: number): Promise<DiskFile> {
  const folder = mkdtempSync(join(tmpdir(), 's3-upload-kit-file-'))
  const path = join(folder, name)
  const digest = createHash('sha256')
  const block = Buffer.alloc(1024 ** 2, name)
  const file = await open(path, 'w')
  for (let number = 0; number < mebibytes; number++) {
    block.writeUInt32BE(number, (number * 7919) % (block.length - 4))
    digest.update(block)
    await file.write(block)
  }
  await file.close()
  return {
    path,
    name,
    size: mebibytes * block.length,
    sha256: digest.digest('hex'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
