/** Digests on request: of whole files when they are asked for, of parts when they are signed. */
import { beforeAll, describe, expect, test } from 'vitest'

import { bench, errorAnswer, first, loadChunks, patternFile, quiet, serve } from '../../support/engine.ts'
import { numberOf, partBench } from './part-store.ts'

beforeAll(loadChunks)

/** CRC-32's check value: cbf43926. */
const check = (): File => new File(['123456789'], 'a')
const digestOf = { algorithm: 'crc32', value: 'y/Q5Jg==' }

describe('a whole file', () => {
  test('is digested before it is asked for, so that the digest is signed', async () => {
    const { uploader, transport, backend } = bench({ checksum: 'crc32' })
    uploader.add(check())
    await transport.next()
    expect(backend.calls).toMatchObject([[{ checksum: digestOf, partChecksum: 'crc32' }]])
  })

  test('without being asked to nothing is digested', async () => {
    const { uploader, transport, backend } = bench()
    uploader.add(check())
    await transport.next()
    expect(backend.calls[0]?.[0]).not.toHaveProperty('checksum')
    expect(backend.calls[0]?.[0]).not.toHaveProperty('partChecksum')
  })

  test('its digest is named again when its target is renewed: what is sent then is checked too', async () => {
    const { uploader, transport, backend, until } = bench({ checksum: 'crc32', retry: 5 })
    const { id } = first(uploader.add(check()))
    ;(await transport.next()).respond(errorAnswer(403, 'AccessDenied', 'Request has expired'))
    ;(await transport.next()).respond()
    await until(id, 'success')
    expect(backend.calls[1]).toMatchObject([{ reason: 'renew', checksum: digestOf }])
  })

  test('that cannot be read is an error before anything is asked', async () => {
    const { uploader, backend, until } = bench({ checksum: 'crc32' })
    const broken = Object.defineProperty(check(), 'slice', {
      value: () => ({ arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotReadableError')) }),
    })
    const { id } = first(uploader.add(broken))
    expect(await until(id, 'error')).toMatchObject({ step: 'prepare', error: { code: 'file-unreadable' } })
    expect(backend.calls).toEqual([])
  })
})

describe('a file in parts', () => {
  test('is not read whole before: its upload is told that parts will bring digests', async () => {
    const { uploader, transport, backend } = partBench({ checksum: 'crc32' })
    uploader.add(check())
    await transport.next()
    expect(backend.calls[0]?.[0]).toMatchObject({ partChecksum: 'crc32' })
    expect(backend.calls[0]?.[0]).not.toHaveProperty('checksum')
  })

  test('what the backend wants of each part comes before what the app asks for', async () => {
    const algorithms: unknown[] = []
    const { uploader, transport } = partBench(
      { checksum: 'crc32' },
      {
        multipart: ({ signParts }) => ({
          partChecksum: 'sha256',
          signParts(ref, parts, call) {
            algorithms.push(...parts.map(({ checksum }) => checksum?.algorithm))
            return signParts(ref, parts, call)
          },
        }),
      },
    )
    uploader.add(check())
    await transport.next()
    expect(algorithms).toEqual(['sha256'])
  })

  test.each([{ checksum: undefined }, { checksum: 'sha256' }] as const)(
    'all have digests of the kind it was begun with, whatever is set meanwhile: %o',
    async (later) => {
      const algorithms: unknown[] = []
      const { uploader, transport, take, until } = partBench(
        { checksum: 'crc32', concurrency: 1 },
        {
          multipart: ({ signParts }) => ({
            signParts(ref, parts, call) {
              algorithms.push(...parts.map(({ checksum }) => checksum?.algorithm))
              return signParts(ref, parts, call)
            },
          }),
        },
      )
      const { id } = first(uploader.add(patternFile('a', 60)))
      const one = await transport.next()
      uploader.setOptions(later)
      take(one)
      serve(transport, take)
      await until(id, 'success')
      expect(algorithms).toEqual(Array.from({ length: 6 }, () => 'crc32'))
    },
  )

  test('digests read a few slices at a time, however many parts are signed together', async () => {
    let [reading, most] = [0, 0]
    const size = 40
    const part = (bytes: number): Blob =>
      Object.defineProperties(new Blob([new Uint8Array(bytes)]), {
        slice: { value: (start: number, end: number) => part(Math.min(end, bytes) - start) },
        arrayBuffer: {
          async value() {
            most = Math.max(most, ++reading)
            await quiet(2)
            reading--
            return new ArrayBuffer(bytes)
          },
        },
      })
    const file = Object.defineProperties(patternFile('a', 0), {
      size: { value: size },
      slice: { value: (start: number, end: number) => part(Math.min(end, size) - start) },
    })
    const { uploader, transport, take, until } = partBench({ checksum: 'crc32' }, { partSize: 1 })
    const { id } = first(uploader.add(file))
    serve(transport, take)
    await until(id, 'success')
    // As many as are sent at a time: two windows of them would be 13 whole parts in memory.
    expect(most).toBeLessThanOrEqual(6)
  })

  test('a part that is signed again is digested again: what is sent is what was read last', async () => {
    const digested: number[] = []
    const { uploader, transport, take, until, clock } = partBench(
      { checksum: 'crc32', concurrency: 1 },
      {
        multipart: ({ signParts }) => ({
          signParts(ref, parts, call) {
            digested.push(...parts.flatMap(({ number, checksum }) => (checksum ? [number] : [])))
            return signParts(ref, parts, call)
          },
        }),
      },
    )
    const { id } = first(uploader.add(patternFile('a', 30)))
    const one = await transport.next()
    clock.now += 31_000
    take(one)
    serve(transport, take)
    await until(id, 'success')
    expect(digested.filter((number) => number === 2).length).toBeGreaterThan(1)
    expect(transport.requests.map(numberOf)).toEqual([1, 2, 3])
  })

  test('a part with a bad digest is read and sent once more; the second time it is a `checksum-mismatch`', async () => {
    const read: number[] = []
    class Counted extends File {
      override slice(start?: number, end?: number, type?: string): Blob {
        read.push(start ?? 0)
        return super.slice(start, end, type)
      }
    }
    const { uploader, transport, until, take, sent } = partBench({ retry: 5, checksum: 'crc32' })
    const { id } = first(uploader.add(new Counted([new Uint8Array(30)], 'a')))
    serve(transport, (part) => {
      if (numberOf(part.request) === 2) part.respond(errorAnswer(400, 'BadDigest'))
      else take(part)
    })
    expect(await until(id, 'error')).toMatchObject({ step: 'transfer', error: { code: 'checksum-mismatch' } })
    expect(sent().filter((number) => number === 2)).toHaveLength(2)
    // Each time for the digest, and each time for the body.
    expect(read.filter((start) => start === 10).length).toBeGreaterThanOrEqual(4)
  })

  test('the digest that was signed with a part goes with it into the completion', async () => {
    const completed: unknown[] = []
    const { uploader, transport, until, take } = partBench(
      { checksum: 'crc32' },
      {
        multipart: (calls) => ({
          signParts(ref, parts, call) {
            completed.push(parts.map(({ checksum }) => checksum?.algorithm))
            return calls.signParts(ref, parts, call)
          },
          complete(ref, parts, call) {
            completed.push(parts.map(({ checksum }) => checksum?.value))
            return calls.complete(ref, parts, call)
          },
        }),
      },
    )
    const { id } = first(uploader.add(new File(['123456789'], 'a'))) // CRC-32's check value: cbf43926
    serve(transport, take)
    await until(id, 'success')
    expect(completed).toEqual([['crc32'], ['y/Q5Jg==']])
  })
})
