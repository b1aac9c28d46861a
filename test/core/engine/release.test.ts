/** What was granted for a whole file and will not be used is given back: a quota, a record. */
import { beforeAll, describe, expect, test, vi } from 'vitest'

import { UploadError } from '../../../src/core/index.ts'
import { grantOf } from '../../../src/testing/index.ts'
import { bench, eventually, fileOf, first, loadChunks, quiet } from '../../support/engine.ts'

beforeAll(loadChunks)

describe.each(['cancel', 'remove'] as const)('%s', (command) => {
  test('a whole file: what was granted is given back', async () => {
    const release = vi.fn()
    const { uploader, transport } = bench({}, { release: async (ref) => void release(ref) })
    const { id } = first(uploader.add(fileOf('a')))
    const sent = await transport.next()
    uploader[command](id)
    expect(sent.aborted).toBe(true)
    await quiet()
    expect(release).toHaveBeenCalledExactlyOnceWith({ key: `${id}/a` })
  })

  test('what is stored is not given back, though its confirm failed: the app may have it', async () => {
    const release = vi.fn()
    const { uploader, transport, until } = bench(
      {},
      {
        release: async () => void release(),
        confirm() {
          throw new UploadError('refused', 'never', 'no')
        },
      },
    )
    const { id } = first(uploader.add(fileOf('a')))
    ;(await transport.next()).respond()
    await until(id, 'error')
    uploader[command](id)
    await quiet()
    expect(release).not.toHaveBeenCalled()
  })

  test('a file that was never asked for costs the server nothing', async () => {
    const release = vi.fn()
    const { uploader, backend } = bench({ autoStart: false }, { release: async () => void release() })
    uploader[command](uploader.add(fileOf('a')).map(({ id }) => id))
    await quiet()
    expect(backend.calls).toEqual([])
    expect(release).not.toHaveBeenCalled()
  })
})

test('a renewal that is on its way when the file is canceled is given back, not what it replaced', async () => {
  let renew: (() => void) | undefined
  const release = vi.fn()
  const { uploader, transport, clock, until } = bench(
    {},
    {
      release: async (ref) => void release(ref),
      grant: (file) =>
        file.reason === 'first'
          ? grantOf(file)
          : new Promise((resolve) => (renew = () => resolve({ ...grantOf(file), ref: { key: 'renewed' } }))),
    },
  )
  const { id } = first(uploader.add(fileOf('a')))
  ;(await transport.next()).fail()
  await until(id, 'error')
  clock.now += 60_000
  uploader.retry(id)
  await eventually(() => renew !== undefined)
  uploader.cancel(id)
  renew?.()
  await quiet()
  expect(release.mock.calls).toEqual([[{ key: 'renewed' }]])
})
