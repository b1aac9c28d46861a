/** Answers of `authorize` and `userId` that are no user: nobody is let in, and the app hears why. */
import { describe, expect, test } from 'vitest'

import { ask, isGranted } from './asking.ts'
import { neverRight } from './wrong-values.ts'

describe('authorize', () => {
  const wrongIds: readonly (readonly [why: string, id: unknown])[] = [
    ...neverRight,
    ['zero', 0],
    ['a fraction', 1.5],
    ['Infinity', Infinity],
    ['a number beyond 2^53', 2 ** 53],
    ['a negative bigint', -1n],
    ['the text null', 'null'],
    ['a list', ['ann']],
    ['a function', () => 'ann'],
  ]

  test.each(wrongIds.filter(([, id]) => id !== null && (typeof id !== 'object' || Array.isArray(id))))(
    'a user that is %s is a 401, with a report',
    async (_why, user) => {
      const outcome = await ask({ authorize: () => user })
      expect(outcome.answer.status).toBe(401)
      expect(outcome.reports).toEqual([expect.stringMatching(/^TypeError: authorize\(\) must return/)])
    },
  )

  test.each([...wrongIds, ['undefined', undefined], ['true', true], ['an empty object', {}]] as const)(
    'a user whose id is %s is a 401, with a report',
    async (_why, id) => {
      const outcome = await ask({ authorize: () => ({ id }) })
      expect(outcome.answer.status).toBe(401)
      expect(outcome.reports).toEqual([expect.stringMatching(/^TypeError: The id that authorize\(\)/)])
    },
  )

  test.each([
    [401, 401],
    [403, 403],
    [302, 401],
    [200, 401],
  ])('a Response of %d that is returned counts as thrown: %d', async (status, expected) => {
    const authorize = (): Response => new Response(null, { status })
    const outcome = await ask({ authorize, userId: () => 'ann' })
    expect(outcome.answer.status).toBe(expected)
    expect(outcome.reports).toEqual([])
  })

  test('an Error that is returned is a 401', async () => {
    const outcome = await ask({ authorize: () => new Error('no session'), userId: () => 'ann' })
    expect(outcome.answer.status).toBe(401)
    expect(outcome.reports).toHaveLength(1)
  })

  test.each([{}, { user: Promise.resolve('ann') }, new Map(), Object('ann')])(
    'a user without an id, %o, grants nothing',
    async (user) => {
      const outcome = await ask({ authorize: () => user })
      expect(outcome.answer.status).toBe(500)
      expect(outcome.reports).toEqual([expect.stringContaining('userId')])
    },
  )

  test.each([7n, 9_007_199_254_740_991, { id: 1 }, { id: '0' }, true])('%o is a user', async (user) => {
    expect(isGranted(await ask({ authorize: () => user }))).toBe(true)
  })
})

test.each([...neverRight, ['undefined', undefined], ['a number', 7], ['a list', ['ann']]] as const)(
  'userId: %s is refused, since users would share their receipts',
  async (_why, id) => {
    const outcome = await ask({ userId: () => id })
    expect(outcome.answer).toMatchObject({ status: 500, body: { code: 'internal' } })
    expect(outcome.reports).toEqual([expect.stringContaining('userId() must return')])
  },
)
