/** Options of the adapters of a wrong type. */
import { expect, test } from 'vitest'

import { toFastifyHandler } from '../../../src/server/adapters/fastify.ts'
import { toLambdaHandler } from '../../../src/server/adapters/lambda.ts'
import { toNodeHandler, toRequest } from '../../../src/server/adapters/node.ts'
import { refusalBy, untyped } from '../wrong-values.ts'

const handler = (): Promise<Response> => Promise.resolve(new Response())

test.each([
  ['toNodeHandler', toNodeHandler],
  ['toFastifyHandler', toFastifyHandler],
  ['toLambdaHandler', toLambdaHandler],
])('%s() refuses wrong options and handlers', (name, adapter) => {
  for (const origin of ['', 'app.example.com', 'https://app.example.com/', 'null', undefined, null, 5])
    expect(refusalBy(() => untyped(adapter, handler, { origin }))).toContain(`${name}: origin`)
  for (const options of [null, 'https://app.example.com', [], new Map()])
    expect(refusalBy(() => untyped(adapter, handler, options))).toContain(`${name}: options`)
  for (const wrong of [undefined, Promise.resolve(handler), {}])
    expect(refusalBy(() => untyped(adapter, wrong))).toContain(name)
  expect(refusalBy(() => untyped(adapter, handler, { bodylimit: 5 }))).toContain(`${name}: bodylimit`)
  expect(() => untyped(adapter, handler, { origin: 'https://app.example.com' })).not.toThrow()
})

test.each([NaN, '1mb', undefined, null, -1, 5n])('Node and Fastify refuse a bodyLimit of %s', (bodyLimit) => {
  for (const adapter of [toNodeHandler, toFastifyHandler])
    expect(refusalBy(() => untyped(adapter, handler, { bodyLimit }))).toContain('bodyLimit')
})

test('toRequest() refuses wrong options before it looks at the message', () => {
  expect(refusalBy(() => untyped(toRequest, {}, {}, { bodyLimit: NaN }))).toContain('toRequest: bodyLimit')
  expect(refusalBy(() => untyped(toRequest, {}, {}, { origin: undefined }))).toContain('toRequest: origin')
})
