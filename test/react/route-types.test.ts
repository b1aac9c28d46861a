/** What the compiler must refuse of a route's types; `npm run typecheck` is what runs this file's real assertions. */
import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'

import type { createUploadHooks, RouteUploadOptions, UploadHooks } from '../../src/react/index.ts'
import { createUploadRouter, route } from '../../src/server/index.ts'

const authorize = (): string => 'ann'
const router = createUploadRouter({
  avatar: route({
    authorize,
    metadata: z.object({ album: z.string(), rotate: z.number().optional() }),
    prepare: () => ({ imageId: 7, madeAt: new Date(0) }),
    onComplete: ({ record }) => ({ thumbnail: `/t/${record.imageId}` }),
  }),
  report: route({ authorize, rejects: ['too-dark', 'blurred'] }),
})
type Hooks = UploadHooks<typeof router>
type Avatar = ReturnType<typeof avatar>
declare const hooks: Hooks
const avatar = () => hooks.useS3Upload({ endpoint: '/api/uploads', route: 'avatar' })
const report = () => hooks.useS3Upload({ endpoint: '/api/uploads', route: 'report' })

describe('a route’s types reach the browser', () => {
  test('the factory binds the router', () => {
    expectTypeOf<ReturnType<typeof createUploadHooks<typeof router>>>().toEqualTypeOf<Hooks>()
  })

  test('a name that is no route does not compile', () => {
    expectTypeOf<RouteUploadOptions<typeof router, 'avatar'>['route']>().toEqualTypeOf<'avatar'>()
    // @ts-expect-error -- there is no such route
    const wrong = (): unknown => hooks.useS3Upload({ endpoint: '/api/uploads', route: 'avatars' })
    expectTypeOf(wrong).toBeFunction()
  })

  test('codes of the route’s own rejections are known', () => {
    type Failed = Extract<ReturnType<typeof report>['items'][number], { status: 'error' }>
    expectTypeOf<Failed['error']['rejectCode']>().toEqualTypeOf<'too-dark' | 'blurred' | undefined>()
    const uses = (item: Failed): boolean => {
      // @ts-expect-error -- the route knows no such code
      if (item.error.rejectCode === 'too-bright') return true
      return item.error.rejectCode === 'blurred' || item.error.code === 'refused'
    }
    expectTypeOf(uses).toBeFunction()
  })

  test('metadata must be what the schema takes', () => {
    type Add = Avatar['add']
    const uses = (add: Add, file: File): void => {
      add(file, { metadata: { album: 'a' } })
      add(file, { metadata: { album: 'a', rotate: 90 } })
      // @ts-expect-error -- the route wants metadata
      add(file)
      // @ts-expect-error -- the album is missing
      add(file, { metadata: { rotate: 90 } })
      // @ts-expect-error -- a number is no album
      add(file, { metadata: { album: 7 } })
    }
    expectTypeOf(uses).toBeFunction()
  })

  test('a route without a schema takes none', () => {
    type Add = ReturnType<typeof report>['add']
    const uses = (add: Add, file: File): void => {
      add(file)
      // @ts-expect-error -- the route knows no metadata
      add(file, { metadata: { album: 'a' } })
    }
    expectTypeOf(uses).toBeFunction()
  })

  test('the result is what onComplete returned, the record what prepare made, as JSON carries them', () => {
    type Result = Awaited<ReturnType<Avatar['upload']>>['result']
    expectTypeOf<Result>().toEqualTypeOf<{ thumbnail: string }>()
    type Item = Avatar['items'][number]
    type Success = Extract<Item, { status: 'success' }>
    const uses = (item: Success): string => {
      // @ts-expect-error -- onComplete returned no such thing
      String(item.result.url)
      return item.result.thumbnail
    }
    expectTypeOf(uses).returns.toBeString()
    expectTypeOf<NonNullable<Item['record']>['madeAt']>().toBeString()
  })
})
