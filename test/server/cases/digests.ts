/** Digests: S3 takes these bytes and no others, in every way of sending. */
import { describe, expect, test } from 'vitest'

import type { ChecksumAlgorithm } from '../../../src/core/ports.ts'
import { createUploadRouter, route } from '../../../src/server/index.ts'
import type { Store, StoreHabits } from '../store-suite.ts'
import {
  aRequest,
  authorize,
  backendFor,
  bytesOf,
  carryOut,
  checksumOf,
  granted,
  openSigner,
} from '../store-suite.ts'

const mebibyte = 1024 ** 2
const stored = { location: '', key: '' }
const algorithms = ['crc32', 'crc32c', 'crc64nvme', 'sha256'] as const
const content = bytesOf(6 * mebibyte)
const wrongBytes = content.with(5.5 * mebibyte, 7)
const slices = [content.slice(0, 5 * mebibyte), content.slice(5 * mebibyte)]
const digestBytes = (algorithm: ChecksumAlgorithm, bytes: Uint8Array): Buffer =>
  Buffer.from(checksumOf(algorithm, bytes).value, 'base64')

function openFiles(store: Store) {
  const prefix = `digests/${crypto.randomUUID()}/`
  const router = createUploadRouter({ files: route({ authorize, prefix, partSize: 5 * mebibyte }) })
  return { prefix, backend: backendFor('files'), ...openSigner(store, router) }
}
type SetUp = ReturnType<typeof openFiles>

function describeNone(setUp: () => SetUp): void {
  test.each(algorithms)('%s is refused: the store would look at no digest', async (algorithm) => {
    const { backend, call } = setUp()
    const checksum = checksumOf(algorithm, content)
    const grants = await backend.createUploads(
      [
        aRequest(content, { accepts: ['put'], checksum }),
        aRequest(content, { accepts: ['multipart'], partChecksum: algorithm }),
      ],
      call,
    )
    expect(grants).toMatchObject(
      [1, 2].map(() => ({
        ok: false,
        error: { code: 'refused', userMessage: expect.stringContaining('check') },
      })),
    )
    expect((await backend.limits?.(call))?.checksums).toEqual([])
  })
}

/** Declares the tests for the store that `open()` gives once they run. */
export function describeDigests(open: () => Store, { ignoresDigests = false }: StoreHabits): void {
  const setUp = (): SetUp => openFiles(open())

  if (ignoresDigests) return describeNone(setUp)

  describe.each(algorithms)('parts with digests of %s', (partChecksum: ChecksumAlgorithm) => {
    test('are checked one by one, listed with them, and make the object', async () => {
      const { backend, call, witness, prefix } = setUp()
      const file = aRequest(content, { accepts: ['multipart'], partChecksum })
      const mine = granted((await backend.createUploads([file], call))[0])
      const wrong = carryOut(mine, content, backend, call, { partChecksum, instead: wrongBytes })
      await expect(wrong).rejects.toThrow(/400[^]*BadDigest/)
      const first = checksumOf(partChecksum, content.slice(0, 5 * mebibyte))
      expect(await backend.multipart?.listParts?.(mine.ref, call)).toMatchObject([
        { number: 1, size: 5 * mebibyte, checksum: first },
      ])
      expect(await witness.keys(prefix)).toEqual([])
      await carryOut(mine, content, backend, call, { partChecksum })
      expect(await backend.confirm?.(mine.ref, stored, file, call)).toBeNull()
      const [key = ''] = await witness.keys(prefix)
      expect(Buffer.from((await witness.read(key)) ?? []).equals(content)).toBe(true)
      const head = await witness.head(key)
      const kept = [head.ChecksumCRC32, head.ChecksumCRC32C, head.ChecksumCRC64NVME, head.ChecksumSHA256]
      expect(head.ChecksumType).toBe(partChecksum === 'sha256' ? 'COMPOSITE' : 'FULL_OBJECT')
      // Of digests of SHA-256, S3 keeps a digest and how many they are.
      const { value } = checksumOf(partChecksum, content)
      const of = checksumOf('sha256', Buffer.concat(slices.map((one) => digestBytes('sha256', one))))
      expect(kept.find(Boolean)).toBe(partChecksum === 'sha256' ? `${of.value}-2` : value)
    })

    test('must all come with one, of this kind', async () => {
      const { backend, call } = setUp()
      const file = aRequest(content, { accepts: ['multipart'], partChecksum })
      const { ref } = granted((await backend.createUploads([file], call))[0])
      const another = partChecksum === 'crc32' ? 'sha256' : 'crc32'
      for (const checksum of [undefined, checksumOf(another, content)])
        await expect(
          backend.multipart?.signParts(
            ref,
            [{ number: 1, size: 5 * mebibyte, ...(checksum && { checksum }) }],
            call,
          ),
        ).rejects.toMatchObject({ code: 'refused', status: 400 })
      await backend.multipart?.abort(ref, call)
    })

    test('of which one is another than S3 has are not made an object', async () => {
      const { backend, call, witness, prefix } = setUp()
      const file = aRequest(bytesOf(10), { accepts: ['multipart'], partChecksum })
      const { ref } = granted((await backend.createUploads([file], call))[0])
      const part = { number: 1, size: 10, checksum: checksumOf(partChecksum, bytesOf(10)) }
      const signed = await backend.multipart?.signParts(ref, [part], call)
      const { url = '', headers = [] } = signed?.parts[0]?.request ?? {}
      const init = { method: 'PUT', headers: Object.fromEntries(headers), body: new Blob([bytesOf(10)]) }
      expect((await fetch(url, init)).status).toBe(200)
      const lying = [{ ...part, checksum: checksumOf(partChecksum, bytesOf(11)) }]
      await expect(backend.multipart?.complete(ref, lying, call)).rejects.toMatchObject({
        retry: 'sign-again',
      })
      expect(await witness.keys(prefix)).toEqual([])
      await backend.multipart?.complete(ref, [part], call)
    })
  })

  test.each(['crc32', 'crc32c', 'crc64nvme'] as const)(
    'a whole of parts with another %s than was told is no object',
    async (algorithm) => {
      const { backend, call, witness, prefix } = setUp()
      const file = aRequest(content, {
        accepts: ['multipart'],
        partChecksum: algorithm,
        checksum: checksumOf(algorithm, wrongBytes),
      })
      const mine = granted((await backend.createUploads([file], call))[0])
      const sent = carryOut(mine, content, backend, call, { partChecksum: algorithm })
      await expect(sent).rejects.toMatchObject({ code: 'storage-refused', retry: 'restart' })
      expect(await witness.keys(prefix)).toEqual([])
      const right = {
        ...file,
        checksum: checksumOf(algorithm, content),
        reason: 'restart',
        previous: mine.ref,
      } as const
      const next = granted((await backend.createUploads([right], call))[0])
      await carryOut(next, content, backend, call, { partChecksum: algorithm })
      expect(await backend.confirm?.(next.ref, stored, right, call)).toBeNull()
    },
  )

  test('asked for once more with digests of another kind, it is another upload', async () => {
    const { backend, call } = setUp()
    const file = aRequest(content, { accepts: ['multipart'], partChecksum: 'crc32' })
    const first = granted((await backend.createUploads([file], call))[0])
    const other = granted((await backend.createUploads([{ ...file, partChecksum: 'sha256' }], call))[0])
    expect(other.target).toMatchObject({ stored: [] })
    const again = granted((await backend.createUploads([file], call))[0])
    expect(again.target).toMatchObject({ stored: 'ask' })
    for (const { ref } of [first, other]) await backend.multipart?.abort(ref, call)
  })

  test.each([
    ['no digests of parts', { checksum: checksumOf('crc32', content) }],
    ['no digests of parts', { checksum: checksumOf('sha256', content) }],
    ['parts of another kind', { checksum: checksumOf('crc32', content), partChecksum: 'sha256' }],
  ] as const)('a digest of the whole with %s is refused, not passed over', async (_why, facts) => {
    const { backend, call } = setUp()
    const [grant] = await backend.createUploads(
      [aRequest(content, { accepts: ['multipart'], ...facts })],
      call,
    )
    expect(grant).toMatchObject({ ok: false, error: { code: 'refused', retry: 'never' } })
  })
}
