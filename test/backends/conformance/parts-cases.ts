/** Files that go in parts. */
import { describe, expect, test, vi } from 'vitest'

import type { MultipartBackend, PartToSign, SignedRequest, UploadBackend } from '../../../src/core/index.ts'
import { isUploadError } from '../../../src/core/index.ts'
import { digest } from '../../../src/core/integrity/digest.ts'
import type { Fault } from '../../../src/testing/s3-server/index.ts'
import { patternFile } from '../../support/engine.ts'
import type { BackendTraits, Play } from './index.ts'
import type { Stage } from './stage.ts'
import { failureOf, grantFor } from './stage.ts'

const signal = new AbortController().signal

/** The backend's calls for parts; a backend with the trait has them. */
function partsOf({ multipart }: UploadBackend): MultipartBackend {
  if (!multipart) throw new Error('The backend has no calls for uploads in parts.')
  return multipart
}

export function partsCases({ parts: trait, keepsKey }: BackendTraits, play: Play): void {
  if (!trait) return
  const { from, partSize, lists } = trait
  const bigFile = (name: string, parts = 3): File =>
    patternFile(name, Math.max(from, (parts - 1) * partSize) + 1000)
  const partOf = (file: File, number: number): Blob =>
    file.slice((number - 1) * partSize, number * partSize, '')

  /** A part as the engine has it signed. */
  const describePart = async ({ backend }: Stage, number: number, bytes: Blob): Promise<PartToSign> => {
    const { partChecksum } = partsOf(backend)
    return {
      number,
      size: bytes.size,
      ...(partChecksum && { checksum: await digest(bytes, partChecksum, signal) }),
    }
  }
  const signed = async (stage: Stage, ref: unknown, part: PartToSign): Promise<SignedRequest> => {
    const answer = await partsOf(stage.backend).signParts(
      stage.backend.parseRef(ref) ?? null,
      [part],
      stage.call(),
    )
    expect(answer.parts.map(({ number }) => number)).toEqual([part.number])
    const [first] = answer.parts
    if (!first) throw new Error('not signed')
    expect(first.expiresIn).toBeGreaterThan(0)
    return first.request
  }
  const put = (stage: Stage, request: SignedRequest, blob: Blob) =>
    stage.call().send({ method: 'PUT', ...request, body: { kind: 'blob', blob } })

  describe('in parts', () => {
    test.each([
      ['with a short last one', () => bigFile('a.bin')],
      ['all of one size', () => patternFile('a.bin', Math.ceil(from / partSize + 1) * partSize)],
    ])('%s: the right bytes, and nothing is left open', (_what, make) =>
      play(async (stage) => {
        const file = make()
        const { succeeded } = await stage.upload([file, patternFile('small.bin', 10)])
        expect(succeeded).toHaveLength(2)
        await stage.expectStored([file, patternFile('small.bin', 10)])
        expect(await stage.openUploads()).toEqual([])
        expect(stage.count('UploadPart')).toBe(Math.ceil(file.size / partSize))
        expect(stage.count('CompleteMultipartUpload')).toBe(1)
        expect(succeeded.find(({ name }) => name === 'a.bin')).toMatchObject({
          stored: { key: stage.granted.find(({ name }) => name === 'a.bin')?.key },
        })
      })(),
    )

    test(
      'a part is signed when it is asked for, alone',
      play(async (stage) => {
        const file = bigFile('a.bin')
        const { ref, target } = await grantFor(stage, file)
        expect(target).toMatchObject({ type: 'multipart', partSize })
        expect(stage.app.of('sign-parts')).toEqual([])
        const bytes = partOf(file, 2)
        const request = await signed(stage, ref, await describePart(stage, 2, bytes))
        expect(stage.app.of('sign-parts')).toHaveLength(1)
        expect((await put(stage, request, bytes)).status).toBe(200)
        const [open] = await stage.openUploads()
        expect(open?.parts.map(({ number, size }) => [number, size])).toEqual([[2, partSize]])
      }),
    )

    const partFaults: readonly (readonly [what: string, fault: Fault])[] = [
      ['that S3 failed on', { type: 'error', code: 'InternalError' }],
      ['whose signature ran out', { type: 'expired' }],
      ['whose answer was lost', { type: 'lost-answer' }],
    ]
    test.each(partFaults)('a part %s is sent again, alone', (_what, fault) =>
      play(async (stage) => {
        stage.s3.faults.add({ fault, on: 'UploadPart', partNumber: 2, times: 1 })
        const file = bigFile('a.bin')
        const { succeeded } = await stage.upload([file])
        expect(succeeded).toHaveLength(1)
        await stage.expectStored([file])
        const sent = stage.s3.log.flatMap(({ operation, partNumber }) =>
          operation === 'UploadPart' ? [partNumber] : [],
        )
        expect(sent.toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual([1, 2, 2, 3])
        expect(stage.count('CreateMultipartUpload')).toBe(1)
      })(),
    )

    test(
      'a signer that fails once for a part fails nothing',
      play(async (stage) => {
        stage.app.fail('sign-parts', { status: 500 })
        const file = bigFile('a.bin')
        expect((await stage.upload([file])).succeeded).toHaveLength(1)
        await stage.expectStored([file])
      }),
    )

    test(
      'the backend itself repeats nothing',
      play(async (stage) => {
        const file = bigFile('a.bin')
        const { ref } = await grantFor(stage, file)
        stage.app.fail('sign-parts', { status: 500 })
        const part = await describePart(stage, 1, partOf(file, 1))
        const failed = failureOf(partsOf(stage.backend).signParts(ref, [part], stage.call()))
        expect(await failed).toMatchObject({ code: 'signer-failed', retry: 'later' })
        expect(stage.app.of('sign-parts')).toHaveLength(1)
        stage.app.fail('sign-parts', { text: '<html>' })
        const unusable = await failureOf(partsOf(stage.backend).signParts(ref, [part], stage.call()))
        expect(unusable).toMatchObject({ code: 'bad-answer', retry: 'never' })
        stage.messages.push((await failed).message, unusable.message)
      }),
    )

    test(
      'a cancel in the middle leaves no open upload',
      play(async (stage) => {
        stage.s3.faults.add({ fault: { type: 'stall', afterBytes: 1 }, on: 'UploadPart', partNumber: 2 })
        const uploader = stage.engine({ onPartDone: () => uploader.cancel() })
        uploader.add(bigFile('a.bin'))
        expect((await uploader.whenSettled()).canceled).toHaveLength(1)
        await vi.waitFor(async () => expect(await stage.openUploads()).toEqual([]), { timeout: 10_000 })
        expect(stage.app.of('abort')).not.toEqual([])
        expect(await stage.objects()).toEqual([])
      }),
    )

    test(
      'an upload that died on the server is begun anew, for the same object',
      play(async (stage) => {
        stage.s3.faults.add({ fault: { type: 'vanished-upload' }, on: 'UploadPart', partNumber: 2, times: 1 })
        const file = bigFile('a.bin')
        expect((await stage.upload([file])).succeeded).toHaveLength(1)
        await stage.expectStored([file])
        expect(await stage.openUploads()).toEqual([])
        expect(stage.count('CreateMultipartUpload')).toBe(2)
        expect(new Set(stage.granted.map(({ key }) => key)).size).toBe(keepsKey === 'always' ? 1 : 2)
      }),
    )

    test(
      'an error under 200 is no completion',
      play(async (stage) => {
        const fault: Fault = { type: 'error-under-200', code: 'InternalError' }
        stage.s3.faults.add({ fault, on: 'CompleteMultipartUpload', times: 1 })
        const file = bigFile('a.bin')
        expect((await stage.upload([file])).succeeded).toHaveLength(1)
        await stage.expectStored([file])
        expect(stage.count('CompleteMultipartUpload')).toBe(2)
        expect(stage.count('UploadPart')).toBe(3)
      }),
    )

    test(
      'a lost answer to the completion makes no second object',
      play(async (stage) => {
        stage.s3.faults.add({ fault: { type: 'lost-answer' }, on: 'CompleteMultipartUpload', times: 1 })
        const file = bigFile('a.bin')
        expect((await stage.upload([file])).succeeded).toHaveLength(1)
        await stage.expectStored([file])
        expect(await stage.openUploads()).toEqual([])
      }),
    )

    test(
      'an upload that is given up is gone, and giving it up again is no failure',
      play(async (stage) => {
        const { ref } = await grantFor(stage, bigFile('a.bin'))
        expect(await stage.openUploads()).toHaveLength(1)
        const parts = partsOf(stage.backend)
        await parts.abort(ref, stage.call())
        expect(await stage.openUploads()).toEqual([])
        const again = await parts.abort(ref, stage.call()).catch((error: unknown) => error)
        expect([undefined, 'restart']).toContain(isUploadError(again) ? again.retry : again)
      }),
    )

    test.runIf(lists)(
      'S3 says what it has, and when it knows nothing any more',
      play(async (stage) => {
        const file = bigFile('a.bin')
        const { ref } = await grantFor(stage, file)
        const parts = partsOf(stage.backend)
        expect(await parts.listParts?.(ref, stage.call())).toEqual([])
        for (const number of [3, 1]) {
          const bytes = partOf(file, number)
          const request = await signed(stage, ref, await describePart(stage, number, bytes))
          expect((await put(stage, request, bytes)).status).toBe(200)
        }
        expect(await parts.listParts?.(ref, stage.call())).toMatchObject([
          { number: 1, size: partSize, etag: expect.stringMatching(/^".+"$/) },
          { number: 3, size: partOf(file, 3).size },
        ])
        await parts.abort(ref, stage.call())
        expect(await parts.listParts?.(ref, stage.call())).toBe('gone')
      }),
    )

    test(
      'parts whose digest is signed bring it, and S3 takes no others',
      play(async (stage) => {
        const { partChecksum } = partsOf(stage.backend)
        if (!partChecksum) return
        const file = bigFile('a.bin')
        const { ref } = await grantFor(stage, file)
        const bytes = partOf(file, 1)
        const request = await signed(stage, ref, await describePart(stage, 1, bytes))
        const changed = new Blob([bytes.slice(0, bytes.size - 1), 'x'])
        expect((await put(stage, request, changed)).status).toBe(400)
        expect((await put(stage, request, bytes)).status).toBe(200)
      }),
    )
  })
}
