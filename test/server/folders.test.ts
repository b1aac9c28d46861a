/** No confirmed file may lie where lifecycleRules() and sweep() remove what is old. */
import { describe, expect, test, vi } from 'vitest'

import { createUploadHandler, createUploadRouter, route } from '../../src/server/index.ts'
import { aFile, call, makeHandler, post, start, storage, url } from './support.ts'

const authorize = (): string => 'ann'
const routed =
  (a: object, b: object = {}) =>
  () =>
    createUploadRouter({ a: route({ authorize, ...a }), b: route({ authorize, prefix: 'b/', ...b }) })

test.each<[why: string, make: () => unknown]>([
  ['the route’s own prefix', routed({ prefix: 'files/', promote: 'files/' })],
  ['the short form’s own prefix', () => makeHandler({ prefix: 'files/', promote: 'files/' })],
  ['a folder above the route’s prefix', routed({ prefix: 'files/docs/', promote: 'files/' })],
  ['another route’s prefix', routed({ prefix: 'files/', promote: 'b/' })],
  ['a folder above another route’s prefix', routed({ prefix: 'files/', promote: 'x/' }, { prefix: 'x/y/' })],
  ['a folder above another route’s prefix without a slash', routed({ promote: 'x/' }, { prefix: 'x/y' })],
])('promote may not be %s', (_why, make) => {
  expect(make).toThrow(/promote .*lifecycleRules\(\)/)
})

test.each(['incoming', 'a/b', 'x'])('promote must end in a slash: %s', (promote) => {
  expect(routed({ prefix: 'files/', promote })).toThrow('slash')
})

test('promote leaves room for the keys below it', () => {
  expect(routed({ promote: `${'x'.repeat(699)}/` })).not.toThrow()
  expect(routed({ promote: `${'x'.repeat(700)}/` })).toThrow('700 bytes')
  expect(routed({ promote: `${'ä'.repeat(350)}/` })).toThrow('700 bytes')
})

test.each<[why: string, make: () => unknown]>([
  ['of its own', routed({ prefix: 'files/', promote: 'incoming/' })],
  ['that two routes share', routed({ prefix: 'a/', promote: 'incoming/' }, { promote: 'incoming/' })],
  ['below a route’s prefix', routed({ prefix: 'files/', promote: 'files/incoming/' })],
  [
    'with a name that begins like a prefix',
    routed({ prefix: 'in', promote: 'incoming/' }, { prefix: 'inco' }),
  ],
])('promote may be a folder %s', (_why, make) => {
  expect(make).not.toThrow()
})

describe('a key below a promote folder', () => {
  const promotes = route({ authorize, prefix: 'files/', promote: 'files/incoming/' })

  test.each([
    ['of its own route', 'own'],
    ['of another route', 'other'],
  ])('%s is refused at the grant, and the app is told', async (_whose, name) => {
    const key = (): string => 'files/incoming/photo.png'
    const router = createUploadRouter({
      promotes,
      own: route({ authorize, prefix: 'files/', promote: 'files/incoming/', key }),
      other: route({ authorize, prefix: 'files/', key }),
    })
    const onError = vi.fn()
    const handler = createUploadHandler(router, { storage, now: () => start, onError })
    const body = { v: 1, action: 'sign', files: [aFile()] }
    const answer = await call(handler, new Request(`${url}?route=${name}`, post(body)))
    expect(answer.body).toMatchObject({ files: [{ ok: false, error: { code: 'refused' } }] })
    expect(String(onError.mock.calls[0]?.[0])).toContain('files/incoming/')
  })
})

describe('quota and onAbort', () => {
  const counted = { quota: () => 1000, onAbort: () => {} }
  test('need a state that all processes know', () => {
    expect(routed(counted)).toThrow(/promote or uploadState/)
  })

  test.each<[why: string, options: object]>([
    ['with promote', { ...counted, promote: 'incoming/' }],
    ['with uploadState', { ...counted, uploadState: () => 'open' }],
    ['without the other: quota', { quota: () => 1000 }],
    ['without the other: onAbort', { onAbort: () => {} }],
  ])('%s are taken', (_why, options) => {
    expect(routed(options)).not.toThrow()
  })
})
