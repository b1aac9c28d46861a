/** Who calls, from where, and how often a grant is used: FACTS 6. */
import { describe, expect, test } from 'vitest'

import { createUploadRouter, route } from '../../../../src/server/index.ts'
import type { Store } from '../../store-suite.ts'
import {
  aRequest,
  authorize,
  backendFor,
  bytesOf,
  carryOut,
  granted,
  openSigner,
  postForm,
  put,
} from '../../store-suite.ts'
import { actions, openGround, outcome, ways } from './ground.ts'

const stored = { location: '', key: '' }

/** Declares the tests for the store that `open()` gives once they run. */
export function describeCallers(open: () => Store): void {
  describe.each(actions)('%s', (action) => {
    test.each<[why: string, headers: Record<string, string>, code: string]>([
      ['a form of a foreign page', { 'content-type': 'text/plain' }, 'unsupported-media-type'],
      [
        'a form with fields',
        { 'content-type': 'application/x-www-form-urlencoded' },
        'unsupported-media-type',
      ],
      ['a type that looks like JSON', { 'content-type': 'application/jsonp' }, 'unsupported-media-type'],
      ['a page of another origin', { origin: 'https://evil.example' }, 'cross-origin'],
      ['a page of a sandbox', { origin: 'null' }, 'cross-origin'],
      ['a page of a neighbour', { 'sec-fetch-site': 'same-site' }, 'cross-origin'],
      ['a page elsewhere', { 'sec-fetch-site': 'cross-site' }, 'cross-origin'],
    ])('from %s is refused before anybody is asked (CSRF)', async (_why, headers, code) => {
      const ground = await openGround(open())
      const begun = await ground.begin('put')
      await ground.carryOut(begun)
      const before = await ground.keys()
      ground.heard.length = 0
      const body = ground.bodyOf(action, begun.receipt)
      const answer = await ground.call(body, { route: 'files', user: 'ann', headers })
      expect(outcome(answer)).toBe(code)
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
      expect(ground.heard).toEqual([])
      expect(await ground.keys()).toEqual(before)
    })

    test('of nobody, who is not logged in, is refused', async () => {
      const ground = await openGround(open())
      const begun = await ground.begin('put')
      await ground.carryOut(begun)
      const before = await ground.keys()
      ground.heard.length = 0
      const answer = await ground.call(ground.bodyOf(action, begun.receipt), { route: 'files' })
      expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized' } })
      expect(ground.heard).toEqual(['authorize'])
      expect(await ground.keys()).toEqual(before)
    })
  })

  describe.each(ways)('sent as %s', (way) => {
    const routes = (run: string, more: object) =>
      createUploadRouter({ files: route({ authorize, prefix: `${run}/`, ...more }) })

    test('a grant that is used again after it was confirmed does not reach what was promoted', async () => {
      const run = `replays/${crypto.randomUUID()}`
      const { call, witness } = openSigner(open(), routes(run, { promote: `${run}-incoming/` }))
      const backend = backendFor('files')
      const content = bytesOf(1000)
      const file = aRequest(content, { accepts: [way] })
      const mine = granted((await backend.createUploads([file], call))[0])
      await carryOut(mine, content, backend, call)
      await backend.confirm?.(mine.ref, stored, file, call)
      await carryOut(mine, content.toReversed(), backend, call).catch(() => {})
      const [key = '', ...more] = await witness.keys(`${run}/`)
      expect(more).toEqual([])
      expect(await witness.read(key)).toEqual(content)
    })

    test('more bytes than were named are refused, in each way to lie about them', async () => {
      const run = `lies/${crypto.randomUUID()}`
      const { call, witness } = openSigner(open(), routes(run, { maxSize: 1000 }))
      const backend = backendFor('files')
      const asked = aRequest(bytesOf(10), { accepts: [way] })
      const { ref, target } = granted((await backend.createUploads([asked], call))[0])
      const large = bytesOf(1001)
      const sent =
        target.type === 'post'
          ? await postForm(target.urls[0], target.fields, large)
          : target.type === 'put'
            ? await put(target.request.url, target.request.headers, large)
            : { status: 400 } // nothing to send to yet: parts are signed below
      expect(sent.status).toBeGreaterThanOrEqual(400)
      for (const part of way === 'multipart'
        ? [
            { number: 1, size: 1001 },
            { number: 2, size: 10 },
          ]
        : [])
        await expect(backend.multipart?.signParts(ref, [part], call)).rejects.toMatchObject({ status: 400 })
      const [tooLarge] = await backend.createUploads([aRequest(large, { accepts: [way] })], call)
      expect(tooLarge).toMatchObject({ ok: false, error: { code: 'file-too-large' } })
      expect(await witness.keys(`${run}/`)).toEqual([])
      await backend.release?.(ref, call)
      expect(await witness.openUploads(`${run}/`)).toEqual([])
    })

    test('what is granted beyond the room that is left is refused', async () => {
      const run = `quota/${crypto.randomUUID()}`
      const { call, witness } = openSigner(open(), routes(run, { quota: () => 1500 }))
      const backend = backendFor('files')
      const asked = [1000, 1000, 400].map((size) => aRequest(bytesOf(size), { accepts: [way] }))
      const grants = await backend.createUploads(asked, call)
      expect(grants.map((grant) => grant.ok || grant.error.code)).toEqual([true, 'total-too-large', true])
      expect(await witness.keys(`${run}/`)).toEqual([])
      for (const grant of grants) if (grant.ok) await backend.release?.(grant.ref, call)
    })

    test('no ACL is asked for, and nobody else may read', async () => {
      const run = `private/${crypto.randomUUID()}`
      const { call, witness } = openSigner(open(), routes(run, {}))
      const backend = backendFor('files')
      const content = bytesOf(10)
      const mine = granted((await backend.createUploads([aRequest(content, { accepts: [way] })], call))[0])
      // To name a header that is absent is to forbid it.
      const asked = JSON.stringify(mine.target).replace(/X-Amz-SignedHeaders=[^&]*/, '')
      expect(asked).not.toMatch(/acl/i)
      await carryOut(mine, content, backend, call)
      const [key = ''] = await witness.keys(`${run}/`)
      const { endpoint = '', bucket } = open().storage
      expect((await fetch(`${endpoint}/${bucket}/${key}`)).status).toBe(403)
    })
  })

  test('a list of one user’s folder does not show another’s whose name begins so', async () => {
    const ground = await openGround(open())
    for (const user of ['ann', 'anna'])
      await ground.carryOut(await ground.begin('put', { route: 'mine', user }), { route: 'mine', user })
    const { text } = await ground.call(ground.bodyOf('list'), { route: 'mine', user: 'ann' })
    expect((JSON.parse(text) as { files: unknown[] }).files).toHaveLength(1)
  })

  test('a flood of files in one call is cut where the route says', async () => {
    const ground = await openGround(open())
    const files = Array.from({ length: 5 }, () => ground.aFile())
    const { body } = await ground.call({ v: 1, action: 'sign', files }, { route: 'images', user: 'ann' })
    expect(body.files?.map(({ ok, error }) => ok || error?.code)).toEqual([
      true,
      true,
      true,
      'too-many-files',
      'too-many-files',
    ])
  })
}
