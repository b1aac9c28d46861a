/** Commands for many at once: none of them is set going by what stops another one. */
import { beforeAll, expect, test, vi } from 'vitest'

import { bench, fileOf, loadChunks, quiet } from '../../support/engine.ts'

beforeAll(loadChunks)

test.each(['cancel', 'pause', 'remove'] as const)('%s: no file is asked for on the way', async (command) => {
  const release = vi.fn()
  const { uploader, transport, backend } = bench({}, { batchSize: 10, release: async () => void release() })
  uploader.add(Array.from({ length: 200 }, (_, at) => fileOf(String(at))))
  await transport.next()
  await quiet()
  const asked = backend.calls.flat().length
  uploader[command]()
  await quiet()
  expect(backend.calls.flat()).toHaveLength(asked)
  expect(release).toHaveBeenCalledTimes(command === 'pause' ? 0 : asked)
  expect(transport.requests).toHaveLength(6)
})

test('a place that a command frees goes to a file that it does not name', async () => {
  const { uploader, transport, until } = bench({ concurrency: 1 })
  const [a, b, c] = uploader.add([fileOf('a'), fileOf('b'), fileOf('c')])
  await transport.next()
  uploader.cancel([a?.id ?? '', b?.id ?? ''])
  ;(await transport.next()).respond()
  await until(c?.id ?? '', 'success')
  expect(transport.requests).toHaveLength(2)
})
