/** Calls that are made again, at once, or too often: one object in the end, and no upload left open. */
import { describe, expect, test } from 'vitest'

import type { RouteOptions } from '../../../src/server/index.ts'
import { createUploadRouter, route } from '../../../src/server/index.ts'
import type { Store } from '../store-suite.ts'
import { aRequest, authorize, backendFor, bytesOf, carryOut, granted, openSigner } from '../store-suite.ts'

const stored = { location: '', key: '' }
const content = bytesOf(1000)
const accepts = ['multipart'] as const

type Options = Partial<RouteOptions<{ id: string }>>
const folder = (): string => `repeats/${crypto.randomUUID()}/`

/** Declares the tests for the store that `open()` gives once they run. */
export function describeRepeats(open: () => Store): void {
  function setUp(options: Options, prefix = folder()) {
    const router = createUploadRouter({ files: route({ authorize, prefix, ...options }) })
    return { prefix, backend: backendFor('files'), ...openSigner(open(), router) }
  }
  let asked = 0
  const dated = { object: () => ({ metadata: { at: `${(asked += 1)}` } }) }

  describe.each<[why: string, options: (prefix: string) => Options]>([
    ['with the same options', () => ({})],
    ['with other options each time', () => dated],
    ['with other options each time, and promote', () => ({ ...dated, promote: folder() })],
    [
      'with a key of the app’s own',
      (prefix) => ({ ...dated, key: ({ file, user }) => `${prefix}of/${user.id}/${file.uniqueName}` }),
    ],
  ])('asked again %s', (_why, options) => {
    test.each([
      ['twice', 1],
      ['five times at once', 4],
    ])('%s, a file in parts is one object, and nothing stays open', async (_when, others) => {
      const prefix = folder()
      const own = options(prefix)
      const { backend, call, witness } = setUp(own, prefix)
      const file = aRequest(content, { accepts })
      const ask = async () => granted((await backend.createUploads([file], call))[0])
      if (others === 1) await ask()
      const [mine] = await Promise.all([ask(), ...Array.from({ length: others }, ask)])
      await carryOut(mine, content, backend, call)
      await backend.confirm?.(mine.ref, stored, file, call)
      for (const place of [prefix, own.promote ?? prefix])
        expect(await witness.openUploads(place)).toEqual([])
      expect(await witness.keys(prefix)).toHaveLength(1)
    })

    test('and aborted, it leaves nothing open', async () => {
      const prefix = folder()
      const own = options(prefix)
      const { backend, call, witness } = setUp(own, prefix)
      const file = aRequest(content, { accepts })
      const ask = async () => granted((await backend.createUploads([file], call))[0])
      await ask()
      const { ref } = await ask()
      await backend.multipart?.abort(ref, call)
      for (const place of [prefix, own.promote ?? prefix])
        expect(await witness.openUploads(place)).toEqual([])
    })
  })

  test('another item, or another user, keeps its open upload', async () => {
    const { prefix, backend, call, witness } = setUp(dated)
    const [one, two] = [aRequest(content, { accepts }), aRequest(content, { accepts })]
    const grants = await backend.createUploads([one, two], call)
    const mine = granted(grants[0])
    await carryOut(mine, content, backend, call)
    expect(await witness.openUploads(prefix)).toHaveLength(1)
    await backend.multipart?.abort(granted(grants[1]).ref, call)
  })

  test('a delete while parts are sent ends the open upload', async () => {
    const { prefix, backend, call, witness } = setUp({ delete: true })
    const { ref } = granted((await backend.createUploads([aRequest(content, { accepts })], call))[0])
    await backend.deleteObject?.(ref, call)
    expect(await witness.openUploads(prefix)).toEqual([])
  })

  test('a restart ends the parts of what it replaces', async () => {
    const { prefix, backend, call, witness } = setUp({})
    const file = aRequest(content, { accepts })
    let { ref } = granted((await backend.createUploads([file], call))[0])
    for (let count = 1; count <= 3; count += 1) {
      const again = { ...file, reason: 'restart', previous: ref } as const
      ref = granted((await backend.createUploads([again], call))[0]).ref
      expect(await witness.openUploads(prefix)).toHaveLength(1)
    }
    await backend.multipart?.abort(ref, call)
  })

  test('an item may start again 20 times', async () => {
    const { backend, call } = setUp({})
    const file = aRequest(content, { accepts: ['put'] })
    let { ref } = granted((await backend.createUploads([file], call))[0])
    const restart = async () =>
      (await backend.createUploads([{ ...file, reason: 'restart', previous: ref }], call))[0]
    for (let count = 1; count <= 20; count += 1) ref = granted(await restart()).ref
    expect(await restart()).toMatchObject({ ok: false, error: { code: 'refused' } })
  })

  test.each([
    [undefined, 100],
    [3, 3],
    [0, 0],
  ])('with maxOpenUploads %s, a user has %d uploads open at most', async (maxOpenUploads, most) => {
    const { prefix, backend, call, witness } = setUp(maxOpenUploads === undefined ? {} : { maxOpenUploads })
    const grants = []
    for (const count of [60, 60, 10]) {
      const files = Array.from({ length: count }, () => aRequest(content, { accepts }))
      grants.push(...(await backend.createUploads(files, call)))
    }
    const refused = grants.flatMap((grant) => (grant.ok ? [] : [`${grant.error.code} ${grant.error.retry}`]))
    expect(refused).toEqual(Array.from({ length: 130 - most }, () => 'signer-failed later'))
    expect(await witness.openUploads(prefix)).toHaveLength(most)
    const bob = { ...call, send: withUser(call, 'bob') }
    const [theirs] = await backend.createUploads([aRequest(content, { accepts })], bob)
    expect(theirs?.ok).toBe(most > 0)
  })
}

/** The same calls by another user. */
function withUser(call: ReturnType<typeof openSigner>['call'], user: string): typeof call.send {
  return (request) => call.send({ ...request, headers: [...(request.headers ?? []), ['x-user', user]] })
}
