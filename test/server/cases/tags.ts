/** Tags, in each way that keeps them. */
import { expect, test } from 'vitest'

import { createUploadRouter, route } from '../../../src/server/index.ts'
import type { Store } from '../store-suite.ts'
import { aRequest, authorize, backendFor, bytesOf, carryOut, granted, openSigner } from '../store-suite.ts'

/** Declares the tests for the store that `open()` gives once they run. */
export function describeTags(open: () => Store): void {
  test.each([
    ['post', 'in place', undefined],
    ['put', 'in place', undefined],
    ['multipart', 'in place', undefined],
    ['put', 'with promote', 'incoming/'],
    ['multipart', 'with promote', 'incoming/'],
  ] as const)('a file sent as %s keeps its tags %s', async (way, _where, folder) => {
    const run = `${crypto.randomUUID()}/`
    const [prefix, promote] = [`tags/${run}`, folder && { promote: `${folder}${run}` }]
    const object = { tags: { team: 'a b', area: 'ä' } }
    const { call, witness } = openSigner(
      open(),
      createUploadRouter({ files: route({ authorize, prefix, object, ...promote }) }),
    )
    const backend = backendFor('files')
    const content = bytesOf(1000)
    const file = aRequest(content, { accepts: [way] })
    const mine = granted((await backend.createUploads([file], call))[0])
    await carryOut(mine, content, backend, call)
    expect(await backend.confirm?.(mine.ref, { location: '' }, file, call)).toBeNull()
    const [key = ''] = await witness.keys(prefix)
    expect((await witness.tags(key)).toSorted()).toEqual(['area=ä', 'team=a b'])
  })
}
