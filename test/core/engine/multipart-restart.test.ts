/** An upload that S3 does not know any more: it is an object by now, or it is dead. Asked, never guessed. */
import { beforeAll, describe, expect, test } from 'vitest'

import { UploadError } from '../../../src/core/index.ts'
import { errorAnswer, first, loadChunks, patternFile, serve } from '../../support/engine.ts'
import { noSuchUpload, partBench } from './part-store.ts'

beforeAll(loadChunks)

const lost = (): UploadError => new UploadError('signer-unreachable', 'later', 'The answer never came.')

test('NoSuchUpload on a part: a new upload in its place, all parts anew, under the same key', async () => {
  const { uploader, transport, until, take, backend, world, sent, log } = partBench({
    retry: 5,
    concurrency: 1,
  })
  const { id } = first(uploader.add(patternFile('a', 30)))
  take(await transport.next())
  const two = await transport.next()
  world.uploads.clear()
  two.respond(errorAnswer(404, 'NoSuchUpload', 'The specified upload does not exist.'))
  serve(transport, take)
  await until(id, 'success')
  expect(backend.calls[1]).toMatchObject([{ reason: 'restart', previous: { key: id, uploadId: 'u1' } }])
  expect(sent()).toEqual([1, 2, 1, 2, 3])
  expect([...world.objects.keys()]).toEqual([id])
  expect(log.filter((what) => what.startsWith('create'))).toHaveLength(2)
})

test('an upload that dies again and again is an error, not a circle', async () => {
  const { uploader, transport, until, backend } = partBench({ retry: 5, concurrency: 1 })
  const { id } = first(uploader.add(patternFile('a', 30)))
  serve(transport, (part) => part.respond(errorAnswer(404, 'NoSuchUpload')))
  expect(await until(id, 'error')).toMatchObject({ step: 'transfer', error: { s3Code: 'NoSuchUpload' } })
  expect(backend.calls).toHaveLength(2)
})

describe('a completion whose answer was lost', () => {
  /** Completes, and loses the answer. */
  const losing = (times: number): Parameters<typeof partBench>[1] => ({
    multipart: ({ complete }) => ({
      async complete(...args) {
        const stored = await complete(...args)
        if (times-- > 0) throw lost()
        return stored
      },
    }),
  })

  test('is called again; "no such upload" then means: look whether it is there', async () => {
    const { uploader, transport, until, take, log, sent } = partBench({ retry: 5, retryDelay: 1 }, losing(1))
    const { id } = first(uploader.add(patternFile('a', 20)))
    serve(transport, take)
    expect(await until(id, 'success')).toMatchObject({ stored: { key: id } })
    expect(log.slice(-3)).toEqual(['complete', 'complete', 'probe'])
    expect(sent()).toEqual([1, 2])
  })

  test('after a click too: retry completes, and sends nothing', async () => {
    const { uploader, transport, until, take, log, sent } = partBench({}, losing(1))
    const { id } = first(uploader.add(patternFile('a', 20)))
    serve(transport, take)
    expect(await until(id, 'error')).toMatchObject({ step: 'complete' })
    uploader.retry(id)
    await until(id, 'success')
    expect(log.slice(-3)).toEqual(['complete', 'complete', 'probe'])
    expect(sent()).toEqual([1, 2])
  })

  test('where nobody can look, and the upload is gone, it is begun anew: never a success that nobody saw', async () => {
    const { uploader, transport, until, take, backend } = partBench(
      { retry: 5, retryDelay: 1 },
      { ...losing(1), without: ['probe'] },
    )
    const { id } = first(uploader.add(patternFile('a', 20)))
    serve(transport, take)
    await until(id, 'success')
    expect(backend.calls).toMatchObject([[{ reason: 'first' }], [{ reason: 'restart' }]])
  })

  test('a first completion that finds no upload is no lost answer: it is begun anew', async () => {
    let calls = 0
    const { uploader, transport, until, take, backend } = partBench(
      { retry: 5 },
      {
        multipart: ({ complete }) => ({
          complete(...args) {
            if (++calls === 1) throw noSuchUpload()
            return complete(...args)
          },
        }),
      },
    )
    const { id } = first(uploader.add(patternFile('a', 20)))
    serve(transport, take)
    await until(id, 'success')
    expect(backend.calls[1]).toMatchObject([{ reason: 'restart' }])
  })
})

test('a server that knows the upload no more when it is told of a part: it is begun anew', async () => {
  const { uploader, transport, until, take, log, world } = partBench(
    { retry: 5 },
    {
      multipart: ({ partStored }) => ({
        async partStored(ref, ...args) {
          if (world.begun > 1) return partStored(ref, ...args)
          world.uploads.clear()
          throw noSuchUpload()
        },
      }),
    },
  )
  const { id } = first(uploader.add(patternFile('a', 30)))
  serve(transport, take)
  await until(id, 'success')
  expect(log.filter((what) => what.startsWith('create'))).toEqual(['create a', 'create a'])
  expect(world.objects.get(id)?.size).toBe(30)
})
