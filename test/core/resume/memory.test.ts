import { expect, test } from 'vitest'

import { memoryResumeStore } from '../../../src/core/resume/memory.ts'
import type { ResumeRecord } from '../../../src/core/resume/types.ts'
import { resumeStoreConformance } from './conformance.ts'
import { recordOf } from './records.ts'

resumeStoreConformance('memory', async () => {
  let time = 2_000
  const store = memoryResumeStore({ now: () => time })
  return { openPage: () => store, setTime: (now) => void (time = now) }
})

test('a store over the same records is the page after a crash: its locks are gone', async () => {
  const records = new Map<string, ResumeRecord>()
  const options = { records, now: () => 2_000 }
  const before = memoryResumeStore(options)
  await before.save(recordOf('a'))
  await before.lock('a', new AbortController().signal)
  const after = memoryResumeStore(options)
  expect(await after.load('kit')).toEqual([recordOf('a')])
  const release = await after.lock('a', new AbortController().signal)
  expect(release).toBeTypeOf('function')
})

test('a file handle, which only browsers can clone, stays itself', async () => {
  const handle = { kind: 'file', getFile: () => undefined } as unknown as FileSystemFileHandle
  const store = memoryResumeStore({ now: () => 2_000 })
  await store.save(recordOf('a', { handle }))
  expect((await store.load('kit'))[0]?.handle).toBe(handle)
})
