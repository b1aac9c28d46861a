/**
 * What comes from the browser and must not pass: each row a case that some signer of this kind could fall for.
 * Names, keys and receipts here are the attacker's; what the app's own code chooses is tested elsewhere.
 */
import { describe, expect, test, vi } from 'vitest'

import type { FetchLike, UploadHandler } from '../../src/server/index.ts'
import type { Answer, User } from './support.ts'
import { aFile, call, grant, makeHandler, only, post, refusal, sign, start } from './support.ts'

const stored: FetchLike = () =>
  Promise.resolve(new Response(null, { headers: { 'content-length': '1000', etag: '"e"' } }))

/** The signer of one user, with every hook watched. */
function watched(user: string, fetch: FetchLike = stored) {
  const authorize = vi.fn((): User => ({ id: user }))
  const onComplete = vi.fn(() => 'done')
  const key = vi.fn(
    ({ file, user: { id } }: { file: { safeName: string }; user: User }) => `users/${id}/${file.safeName}`,
  )
  return { handler: makeHandler({ authorize, onComplete, key, fetch }), authorize, onComplete, key }
}

describe('names', () => {
  test.each([
    '../bob/photo.png',
    './photo.png',
    '/etc/passwd',
    'a//b.png',
    '..',
    '.',
    'users/bob/photo.png',
    '..\\bob\\photo.png',
    '%2e%2e%2fbob.png',
    '%2e%2e/bob.png',
    '%252e%252e%252f.png',
    'a%2Fb.png',
    '${filename}',
    'a$$b.png',
    'a#b.png',
    'a?versionId=1.png',
    '  .png',
    '\u202Egnp.exe',
    '\uDFFF.png',
  ])('%j stays in the user’s own folder, as one segment', async (name) => {
    const { fields } = await grant(watched('ann').handler, { name, type: 'image/png' })
    expect(fields.get('key')).toMatch(/^users\/ann\/[^/\\$#?%]+$/)
    expect(fields.get('key')).not.toMatch(/\/\.+$/)
  })

  test('that differ do not collapse into one key by default', async () => {
    const names = ['a#1.png', 'a#2.png', 'a?1.png', 'a_1.png', 'a%231.png']
    const verdicts = await sign(makeHandler(), ...names.map((name, at) => aFile({ name, id: `${at}` })))
    const keys = verdicts.map(
      (verdict) => verdict.ok && verdict.target.type === 'post' && new Map(verdict.target.fields).get('key'),
    )
    expect(new Set(keys).size).toBe(names.length)
  })

  test.each(['a\0b.png', 'a\r\nx-amz-acl: public-read.png', 'a\u007f.png', 'a\u0085.png', '\t'])(
    '%j with control characters is refused',
    async (name) => {
      const { handler, key } = watched('ann')
      expect(await refusal(handler, { name })).toBe('refused')
      expect(key).not.toHaveBeenCalled()
    },
  )

  test('hold nothing that could break out of a header', async () => {
    const { fields } = await grant(makeHandler(), { name: 'x"; filename=evil.html' })
    expect(fields.get('Content-Disposition')).toBe('attachment; filename="x_filename_evil.html"')
  })
})

describe('what the client may not say', () => {
  test.each([
    ['a key', { key: 'users/bob/photo.png' }],
    ['a bucket', { bucket: 'backups' }],
    ['an acl', { acl: 'public-read' }],
    ['fields', { fields: [['x-amz-meta-role', 'admin']] }],
    ['conditions', { conditions: [['starts-with', '$key', '']] }],
    ['an expiry', { expiresIn: 1e9 }],
    ['object metadata', { 'x-amz-meta-virus': 'none' }],
    ['a route', { route: 'admin' }],
    ['tags', { tagging: 'GuardDutyMalwareScanStatus=NO_THREATS_FOUND' }],
    ['a user', { user: 'bob' }],
  ])('%s', async (_why, more) => {
    const files = [{ ...aFile(), ...more }]
    const answer = await call(watched('ann').handler, post({ v: 1, action: 'sign', files }))
    expect(answer).toMatchObject({ status: 400, body: { code: 'bad-request' } })
  })

  test.each(['toString', '__proto__', 'constructor', 'hasOwnProperty', 'valueOf'])(
    'an action called %s',
    async (action) => {
      const { handler } = watched('ann')
      const answer = await call(handler, post(`{"v":1,"action":"${action}","files":[]}`))
      expect(answer).toMatchObject({ status: 400, body: { code: 'bad-request' } })
    },
  )

  test('its own prototype', async () => {
    const text = JSON.stringify({ v: 1, action: 'sign', files: [aFile()] })
    for (const attack of [
      text.replace('{"v":1', '{"__proto__":{"maxSize":1e99},"v":1'),
      text.replace('{"id"', '{"__proto__":{"size":0},"id"'),
      text.replace('{"id"', '{"constructor":{"prototype":{"ok":true}},"id"'),
    ])
      expect((await call(makeHandler(), post(attack))).status).toBe(400)
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})

describe('types and sizes', () => {
  const images = makeHandler({ accept: { 'image/*': ['.png', '.jpg'] }, maxSize: 2000 })

  test('a page that is called an image is stored as an image, to be downloaded', async () => {
    const { fields } = await grant(images, { name: 'x.png', type: 'text/html' })
    expect(fields.get('Content-Type')).toBe('image/png')
    expect(fields.get('Content-Disposition')).toMatch(/^attachment;/)
  })

  test.each([
    ['an image that is called a page', { name: 'x.html', type: 'image/png' }],
    ['SVG under a wildcard of images', { name: 'x.svg', type: 'image/svg+xml' }],
    ['two extensions', { name: 'x.png.html', type: 'image/png' }],
    ['an extension behind a NUL', { name: 'x.html\0.png', type: 'image/png' }],
    ['a list of types', { name: 'x.html', type: 'image/png,text/html' }],
    ['an inherited type', { name: 'x', type: 'constructor' }],
  ])('%s is refused', async (_why, facts) => {
    expect(await refusal(images, facts)).toMatch(/^(file-invalid-type|refused)$/)
  })

  test('one byte too many is refused, and a policy takes not one byte else', async () => {
    expect(await refusal(images, { size: 2001 })).toBe('file-too-large')
    const { policy } = await grant(images, { size: 2000 })
    expect(policy.conditions).toContainEqual(['content-length-range', 2000, 2000])
  })

  test.each([
    '{"size":-1}',
    '{"size":1e309}',
    '{"size":"9"}',
    '{"size":null}',
    '{"size":[5]}',
    '{"size":0.1}',
  ])('a size that is none: %s', async (size) => {
    const text = JSON.stringify({ v: 1, action: 'sign', files: [aFile()] })
    const answer = await call(images, post(text.replace('"size":1000', size.slice(1, -1))))
    expect(answer.status).toBe(400)
  })
})

const confirm = async (handler: UploadHandler, receipt: unknown, more: object = {}): Promise<Answer> =>
  only(await call(handler, post({ v: 1, action: 'confirm', receipts: [receipt], ...more })))

describe('completion', () => {
  test('of a key that was never granted', async () => {
    const { handler, onComplete } = watched('ann')
    const forged = Buffer.from(
      JSON.stringify({ id: '1', key: 'users/ann/x', name: 'x', size: 1000, type: 'a/b', issued: start }),
    ).toString('base64url')
    for (const receipt of [forged, `${forged}.`, `${forged}.${'A'.repeat(43)}`, 'users/ann/x']) {
      const answer = await confirm(handler, receipt)
      expect(answer).toMatchObject({ status: 403, body: { code: 'receipt-invalid' } })
    }
    expect(onComplete).not.toHaveBeenCalled()
  })

  test('with the receipt of another user', async () => {
    const { receipt } = await grant(watched('bob').handler)
    const { handler, onComplete } = watched('ann')
    expect((await confirm(handler, receipt)).status).toBe(403)
    expect(onComplete).not.toHaveBeenCalled()
  })

  test('with a key, size or metadata of its own', async () => {
    const { handler, onComplete } = watched('ann')
    const { receipt } = await grant(handler)
    for (const more of [
      { key: 'users/bob/x' },
      { size: 5 },
      { metadata: {} },
      { stored: {} },
      { user: 'bob' },
    ])
      expect((await confirm(handler, receipt, more)).status).toBe(400)
    expect(onComplete).not.toHaveBeenCalled()
  })

  test('before anything has arrived', async () => {
    const { handler, onComplete } = watched('ann', () => Promise.resolve(new Response(null, { status: 404 })))
    const { receipt } = await grant(handler)
    const answer = await confirm(handler, receipt)
    expect(answer).toMatchObject({ status: 409, body: { code: 'not-stored' } })
    expect(onComplete).not.toHaveBeenCalled()
  })

  test('runs the same authorization as signing', async () => {
    const { handler, authorize } = watched('ann')
    const { receipt } = await grant(handler)
    expect(authorize).toHaveBeenCalledTimes(1)
    await confirm(handler, receipt)
    expect(authorize).toHaveBeenCalledTimes(2)
  })

  test('gives back no signed address of anything', async () => {
    let mark = ''
    const { handler } = watched('ann', () =>
      Promise.resolve(
        new Response(null, {
          headers: { 'content-length': '1000', etag: '"e"', 'x-amz-meta-upload-id': mark },
        }),
      ),
    )
    const { receipt, fields } = await grant(handler)
    mark = fields.get('x-amz-meta-upload-id') ?? ''
    const answer = await confirm(handler, receipt)
    expect(answer.status).toBe(200)
    expect(answer.text).not.toMatch(/signature|credential|https?:/i)
  })

  test.each([null, 5, '', [], {}, 'x'.repeat(10_000)])('with %j for a receipt', async (receipt) => {
    const { status } = await confirm(watched('ann').handler, receipt)
    expect([400, 403]).toContain(status)
  })
})

test('a renewal cannot move a grant to another file', async () => {
  const { handler } = watched('ann')
  const { receipt } = await grant(handler)
  for (const facts of [{ size: 999 }, { id: 'other' }, { type: 'text/html' }, { name: 'a.html', type: '' }])
    expect(await refusal(handler, { reason: 'renew', receipt, ...facts })).toBe('refused')
})

test('what fails never answers with a status of success', async () => {
  const bodies = [
    '',
    '{}',
    '[]',
    '{"v":1}',
    '{"v":1,"action":"sign","files":[]}',
    '{"v":1,"action":"confirm"}',
  ]
  for (const body of bodies)
    expect((await call(makeHandler(), post(body))).status).toBeGreaterThanOrEqual(400)
})

test('a batch bomb is refused before a single signature', async () => {
  const { handler, key } = watched('ann')
  const files = Array.from({ length: 101 }, (_, at) => aFile({ id: `${at}` }))
  expect((await call(handler, post({ v: 1, action: 'sign', files }))).status).toBe(400)
  expect(key).not.toHaveBeenCalled()
})
