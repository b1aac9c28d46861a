/** What must not compile: this file is checked by `tsc`, where an error that does not happen is one. */
import { type } from 'arktype'
import * as v from 'valibot'
import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'

import type {
  RouteMetadata,
  RouteName,
  RouteRecord,
  RouteRejectCode,
  RouteResult,
} from '../../src/server/index.ts'
import { createUploadHandler, createUploadRouter, route } from '../../src/server/index.ts'
import { storage } from './support.ts'

const authorize = (request: Request): { id: string } | null =>
  request.headers.has('x') ? { id: 'ann' } : null

const router = createUploadRouter({
  avatar: route({
    authorize,
    rejects: ['upside-down', 'too-dark'],
    metadata: z.object({ album: z.string(), at: z.coerce.date().optional(), n: z.coerce.number<string>() }),
    prepare({ user, metadata, file, key }) {
      expectTypeOf(user).toEqualTypeOf<{ id: string }>()
      expectTypeOf(metadata).toEqualTypeOf<{ album: string; at?: Date | undefined; n: number }>()
      expectTypeOf(file.size).toBeNumber()
      expectTypeOf(key).toBeString()
      return { row: 5, made: new Date() }
    },
    onComplete({ user, metadata, record }) {
      expectTypeOf(user).toEqualTypeOf<{ id: string }>()
      expectTypeOf(metadata.n).toBeNumber()
      expectTypeOf(record).toEqualTypeOf<{ row: number; made: string }>()
      // @ts-expect-error -- prepare made no such thing
      void record.nothing
      return {
        photo: 'x',
        when: new Date(),
        list: [1],
        skip: () => 1,
        maybe: undefined as string | undefined,
      }
    },
  }),
  report: route({ authorize: () => true, metadata: v.object({ year: v.number() }) }),
  notes: route({
    authorize: () => 'ann',
    metadata: type({ 'title?': 'string' }),
    onComplete: async () => 'done',
  }),
  plain: route({ authorize: () => true }),
})
type Router = typeof router

test('names', () => {
  expectTypeOf<RouteName<Router>>().toEqualTypeOf<'avatar' | 'report' | 'notes' | 'plain'>()
  // @ts-expect-error -- no such route
  expectTypeOf<RouteResult<Router, 'avatars'>>()
})

test('metadata: what goes in, not what comes out', () => {
  expectTypeOf<RouteMetadata<Router, 'avatar'>>().toEqualTypeOf<{ album: string; at?: unknown; n: string }>()
  expectTypeOf<RouteMetadata<Router, 'report'>>().toEqualTypeOf<{ year: number }>()
  expectTypeOf<RouteMetadata<Router, 'notes'>>().toEqualTypeOf<{ title?: string }>()
  expectTypeOf<RouteMetadata<Router, 'plain'>>().toEqualTypeOf<undefined>()
  // @ts-expect-error -- a year is a number
  const wrong: RouteMetadata<Router, 'report'> = { year: '2026' }
  void wrong
})

test('records and results, as JSON leaves them', () => {
  expectTypeOf<RouteRecord<Router, 'avatar'>>().toEqualTypeOf<{ row: number; made: string }>()
  expectTypeOf<RouteRecord<Router, 'plain'>>().toEqualTypeOf<null>()
  expectTypeOf<RouteResult<Router, 'avatar'>>().toEqualTypeOf<{
    photo: string
    when: string
    list: number[]
    maybe: string | undefined
  }>()
  expectTypeOf<RouteResult<Router, 'notes'>>().toEqualTypeOf<string>()
  const useResult = (result: RouteResult<Router, 'avatar'>): void => {
    // @ts-expect-error -- a date is a text by now
    result.when.getTime()
    // @ts-expect-error -- functions stay on the server
    result.skip()
  }
  void useResult
})

test('the codes of rejections', () => {
  expectTypeOf<RouteRejectCode<Router, 'avatar'>>().toEqualTypeOf<'upside-down' | 'too-dark'>()
  expectTypeOf<RouteRejectCode<Router, 'plain'>>().toEqualTypeOf<never>()
})

test('options', () => {
  // @ts-expect-error -- a route needs authorize
  void (() => createUploadRouter({ a: route({ maxSize: 5 }) }))
  // @ts-expect-error -- no such option
  void (() => route({ authorize, maxSise: 5 }))
  // @ts-expect-error -- a key is text
  void (() => route({ authorize, key: () => 5 }))
  // @ts-expect-error -- the handler of a router needs storage
  void (() => createUploadHandler(router, {}))
  // @ts-expect-error -- no such way of sending
  void (() => route({ authorize, transport: 'tus' }))
  // @ts-expect-error -- routes only
  void (() => createUploadRouter({ a: { authorize } }))
  // The short form, as in the README.
  const short = () =>
    createUploadHandler({ storage, authorize, onComplete: ({ key, user }) => ({ key, by: user.id }) })
  expectTypeOf(short).toBeFunction()
})
