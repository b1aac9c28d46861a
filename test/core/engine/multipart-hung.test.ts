/** One part fails for good while another waits for what may take its time: the failure shows at once. */
import { beforeAll, expect, test } from 'vitest'

import { UploadError } from '../../../src/core/index.ts'
import { errorAnswer, eventually, first, loadChunks, patternFile, quiet } from '../../support/engine.ts'
import { numberOf, partBench } from './part-store.ts'

beforeAll(loadChunks)

const never = new Promise<never>(() => undefined)

test('for a signature that does not come', async () => {
  const asked: number[][] = []
  const { uploader, transport, until } = partBench(
    { concurrency: 2 },
    {
      multipart: ({ signParts }) => ({
        async signParts(ref, parts, call) {
          asked.push(parts.map(({ number }) => number))
          if (asked.length > 1) return never
          return signParts(ref, parts.slice(0, 1), call)
        },
      }),
    },
  )
  const { id } = first(uploader.add(patternFile('a', 40)))
  const one = await transport.next()
  await eventually(() => asked.length > 1)
  one.respond(errorAnswer(403, 'AccessDenied'))
  expect(await until(id, 'error')).toMatchObject({ step: 'transfer', error: { code: 'access-denied' } })
  await quiet()
  expect(transport.requests.map(numberOf)).toEqual([1])
})

test('for a login', async () => {
  const asked: UploadError[] = []
  const { uploader, transport, until } = partBench({
    concurrency: 2,
    onUnauthorized(error) {
      asked.push(error)
      return never
    },
  })
  const { id } = first(uploader.add(patternFile('a', 20)))
  const [one, two] = [await transport.next(), await transport.next()]
  one.fail(new UploadError('unauthorized', 'never', 'no', { status: 401 }))
  await eventually(() => asked.length > 0)
  two.respond(errorAnswer(403, 'AccessDenied'))
  expect(await until(id, 'error')).toMatchObject({ step: 'transfer', error: { code: 'access-denied' } })
})
