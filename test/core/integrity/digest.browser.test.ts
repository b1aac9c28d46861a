/** What only a browser has: a real policy against WebAssembly, real files, a main thread. */
import { describe, expect, test } from 'vitest'

import { digest } from '../../../src/core/integrity/digest.ts'
import type * as Digest from '../../../src/core/integrity/digest.ts'
import { importInFrame } from '../resume/frames.ts'

const mebibyte = 1024 ** 2
const live = (): AbortSignal => new AbortController().signal
const checks = [
  ['crc32', 'y/Q5Jg=='],
  ['crc32c', '4waSgw=='],
  ['crc64nvme', 'rosUhgp5mIg='],
  ['sha256', 'FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU='],
] as const

describe('here', () => {
  test.each(checks)('%s', async (algorithm, value) => {
    expect(await digest(new Blob(['123456789']), algorithm, live())).toEqual({ algorithm, value })
  })
})

describe('on a page whose policy forbids WebAssembly', () => {
  const policy = "script-src 'self' 'unsafe-inline'"
  const there = async (): Promise<typeof Digest> =>
    (await importInFrame('/src/core/integrity/digest.ts', { policy })).module as typeof Digest

  test.each(checks)('%s is the same', async (algorithm, value) => {
    const { digest: digestThere } = await there()
    expect((await digestThere(new Blob(['123456789']), algorithm, live())).value).toBe(value)
  })

  test('SHA-256 of a large file says what the policy has to allow', async () => {
    const chunk = new Uint8Array(mebibyte)
    const large = new Blob(Array.from({ length: 65 }, () => chunk))
    const { digest: digestThere } = await there()
    await expect(digestThere(large, 'sha256', live())).rejects.toMatchObject({
      code: 'digest-unavailable',
      message: expect.stringContaining("'wasm-unsafe-eval'"),
    })
    // It is the policy that forbids it, not the frame.
    const allowing = { policy: `${policy} 'wasm-unsafe-eval'` }
    const { module } = await importInFrame('/src/core/integrity/digest.ts', allowing)
    const { digest: digestElsewhere } = module as typeof Digest
    expect((await digestElsewhere(large, 'sha256', live())).value).toMatch(/^.{43}=$/)
  })
})

test('a file that is changed after it was chosen cannot be digested', async () => {
  const root = await navigator.storage.getDirectory()
  const handle = await root.getFileHandle('digest.bin', { create: true })
  const write = async (content: string): Promise<void> => {
    const writable = await handle.createWritable()
    await writable.write(content)
    await writable.close()
  }
  await write('before')
  const file = await handle.getFile()
  await write('after, and longer')
  await expect(digest(file, 'crc32', live())).rejects.toMatchObject({ code: 'file-unreadable' })
  await root.removeEntry('digest.bin')
})
