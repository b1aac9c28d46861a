/** Names and types that come from the browser: rows 1 to 7 of the attack cases, and stored scripts. */
import { describe, expect, test } from 'vitest'

import type { Store, StoreHabits } from '../../store-suite.ts'
import type { Way } from './ground.ts'
import { actions, openGround, ways } from './ground.ts'

/** Declares the tests for the store that `open()` gives once they run. */
export function describeNames(open: () => Store, { losesFormHeaders = false }: StoreHabits): void {
  /** What a browser must not open, or what it may look at without harm. */
  const isHarmless = (way: Way, type = '', disposition = ''): boolean =>
    /^image\/(png|svg\+xml) attachment;/.test(`${type} ${disposition}`) ||
    // Such a store drops a form's Content-Disposition, so that all but passive types are stored as octet-stream.
    (losesFormHeaders && way === 'post' && /^(image\/png|application\/octet-stream)$/.test(type))

  describe.each([
    'toString',
    '__proto__',
    'constructor',
    'hasOwnProperty',
    'valueOf',
    'Files',
    '../files',
    '',
  ])('row 1: the route %j is none', (name) => {
    test.each(actions)('for %s: nobody is asked, nothing is granted', async (action) => {
      const ground = await openGround(open())
      const { receipt } = await ground.begin('put')
      ground.heard.length = 0
      const answer = await ground.call(ground.bodyOf(action, receipt), { route: name, user: 'ann' })
      expect(answer).toMatchObject({ status: 404, body: { code: 'unknown-route' } })
      expect(ground.heard).toEqual([])
      expect(await ground.keys()).toEqual([])
    })
  })

  const traversals = ['../bob/x.png', './x.png', 'a//b.png', '/x.png', '..', '.', 'a/../../bob/x.png', 'x/']
  const backslashes = ['..\\bob\\x.png', 'a\\b.png', '\\x.png']
  const dollars = ['${filename}', 'a$$b.png', '$key.png']
  describe.each(ways)('a name, sent as %s,', (way) => {
    test.each([
      ...traversals.map((name) => ['row 2', name]),
      ...backslashes.map((name) => ['row 5', name]),
      ...dollars.map((name) => ['row 7', name]),
    ])('%s: %j is no key, and nothing is begun', async (_row, name) => {
      const ground = await openGround(open())
      const answer = await ground.sign({ name, accepts: [way] }, { route: 'named' })
      expect(outcomeOf(answer)).toBe('refused')
      expect(await ground.keys()).toEqual([])
      expect(await ground.open()).toEqual([])
      expect(ground.heard).not.toContain('prepare')
    })

    test.each([
      ...traversals,
      ...backslashes,
      ...dollars,
      '%2e%2e%2fbob',
      '~',
      ' ',
      '\u202Egnp.exe',
      '\uDFFF.png',
    ])('rows 2, 5, 7: %j, tidied, stays in the user’s own folder as one segment', async (name) => {
      const ground = await openGround(open())
      await ground.carryOut(await ground.begin(way, { name, route: 'safe' }), { route: 'safe' })
      const [key = '', ...more] = await ground.keys()
      expect(more).toEqual([])
      expect(key.startsWith(ground.users('ann'))).toBe(true)
      expect(key.slice(ground.users('ann').length)).toMatch(/^[^/\\$%]+$/)
    })

    test.each([
      'a#b.png',
      'a?b=c.png',
      'a+b&c.png',
      '%2e%2e%2fx.png',
      '%2F.png',
      '%252e%252e.png',
      'a%00.png',
    ])('rows 3, 4: %j is literal text: signed, written and told the same', async (name) => {
      const ground = await openGround(open())
      const begun = await ground.begin(way, { name, route: 'named' })
      await ground.carryOut(begun, { route: 'named' })
      expect(await ground.keys()).toEqual([`${ground.users('ann')}${name}`])
      const answer = await ground.call(ground.bodyOf('confirm', begun.receipt), {
        route: 'named',
        user: 'ann',
      })
      expect(answer.body.verdicts).toMatchObject([
        { ok: true, stored: { key: `${ground.users('ann')}${name}` } },
      ])
    })

    test('row 3: names that differ behind # and ? do not become one key', async () => {
      const ground = await openGround(open())
      const names = ['a.png', 'a.png#1', 'a.png#2', 'a.png?1', 'a.png?2']
      for (const name of names)
        await ground.carryOut(await ground.begin(way, { name, route: 'named' }), { route: 'named' })
      expect(await ground.keys()).toEqual(names.map((name) => `${ground.users('ann')}${name}`).toSorted())
    })

    test.each(['a\0b.png', 'a\r\nx-amz-acl: public-read.png', 'a\nb.png', 'a\u007f.png', 'a\u0085.png'])(
      'row 6: %j, with control characters, is refused on every route',
      async (name) => {
        const ground = await openGround(open())
        for (const route of ['named', 'safe', 'files'])
          expect(outcomeOf(await ground.sign({ name, accepts: [way] }, { route }))).toBe('refused')
        expect(ground.heard).not.toContain('prepare')
        expect(await ground.keys()).toEqual([])
        expect(await ground.open()).toEqual([])
      },
    )

    test.each([
      ['SVG under a wildcard', { name: 'x.svg', type: 'image/svg+xml' }],
      ['a page', { name: 'x.html', type: 'text/html' }],
      ['a page that is called an image', { name: 'x.html', type: 'image/png' }],
      ['a list of types', { name: 'x.png', type: 'image/png,text/html' }],
      ['a type with a line end', { name: 'x.png', type: 'image/png\r\nx: y' }],
      ['a variable as type', { name: 'x.png', type: 'image/$key' }],
    ])('scripts: %s is refused, or stored as a picture that no browser opens', async (_why, facts) => {
      const ground = await openGround(open())
      const answer = await ground.sign({ ...facts, accepts: [way] }, { route: 'images' })
      if (!/^(file-invalid-type|refused)$/.test(outcomeOf(answer))) {
        const [verdict] = answer.body.files ?? []
        const { receipt = '', target } = verdict ?? {}
        if (!target) throw new Error(answer.text)
        await ground.carryOut({ receipt, target, content: new Uint8Array(1000) }, { route: 'images' })
      }
      for (const key of await ground.keys()) {
        const { ContentType, ContentDisposition } = await ground.witness.head(key)
        expect({
          ContentType,
          ContentDisposition,
          harmless: isHarmless(way, ContentType, ContentDisposition),
        }).toMatchObject({ harmless: true })
      }
    })
  })
}

const outcomeOf = ({
  status,
  body,
  text,
}: {
  status: number
  body: { files?: readonly { ok: boolean; error?: { code: string } }[] }
  text: string
}): string => {
  if (status !== 200) throw new Error(text)
  const [verdict] = body.files ?? []
  return verdict?.ok ? 'ok' : (verdict?.error?.code ?? '?')
}
