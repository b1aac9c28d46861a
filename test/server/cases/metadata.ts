/** Metadata at its limits goes the whole way, in every way of sending. */
import { describe, expect, test } from 'vitest'

import type { ObjectOptions } from '../../../src/server/index.ts'
import { createUploadRouter, decodeMetadata, route } from '../../../src/server/index.ts'
import type { Store } from '../store-suite.ts'
import { aRequest, authorize, backendFor, bytesOf, carryOut, granted, openSigner } from '../store-suite.ts'

const content = bytesOf(1000)
const ways = ['post', 'put', 'multipart'] as const

/** Declares the tests for the store that `open()` gives once they run. */
export function describeMetadata(open: () => Store): void {
  describe.each(ways)('sent by %s', (way) => {
    test.each<[what: string, metadata: Record<string, string>]>([
      ['spaces at the ends and in a row', { album: ' a  b ' }],
      ['what looks encoded', { album: '%41+%2B' }],
      ['line ends and tabs', { album: 'a\r\nb\tc' }],
      ['a variable of forms', { album: '${filename}' }],
      ['what S3 would decode', { album: '=?UTF-8?Q?x?=' }],
      ['names of one letter, with a hyphen and with a dot', { A: '1', 'b-c': '2', 'd.e': '3' }],
      ['as much as S3 keeps, with the mark of the upload', { a: 'x'.repeat(2048 - 45 - 1) }],
      ['as much in Chinese', { a: '写'.repeat(222) }],
    ])('%s', async (_what, metadata) => {
      const prefix = `metadata/${crypto.randomUUID()}/`
      const files = route({
        authorize,
        prefix,
        transport: way,
        object: { metadata },
        onComplete: ({ key }) => key,
      })
      const { call, witness } = openSigner(open(), createUploadRouter({ files }))
      const backend = backendFor('files')
      const file = aRequest(content, { accepts: [way] })
      const mine = granted((await backend.createUploads([file], call))[0])
      await carryOut(mine, content, backend, call)
      const key = await backend.confirm?.(mine.ref, { location: '' }, file, call)
      const { Metadata = {} } = await witness.head(typeof key === 'string' ? key : '')
      for (const [name, value] of Object.entries(metadata))
        expect(decodeMetadata(Metadata[name.toLowerCase()] ?? '')).toBe(value)
    })
  })

  test.each<[what: string, options: ObjectOptions, message: string]>([
    ['names that differ in case only', { metadata: { Album: 'a', album: 'b' } }, 'in case only'],
    ['an encoding that S3 takes off', { contentEncoding: 'aws-chunked' }, 'aws-chunked'],
    ['a name with $', { metadata: { a$b: '1' } }, "part of a header's name"],
    ['the mark of uploads', { metadata: { 'Upload-Id': 'a' } }, 'marks objects'],
    ['a byte more than S3 keeps', { metadata: { a: 'x'.repeat(2048 - 45) } }, '2048 bytes'],
    [
      'a Content-Disposition beyond ASCII',
      { contentDisposition: 'inline; filename="写.txt"' },
      "filename*=UTF-8''",
    ],
    ['a tag of AWS itself', { tags: { 'aws:backup': 'no' } }, 'aws:'],
    ['a tag of AWS itself, in capitals', { tags: { 'AWS:backup': 'no' } }, 'aws:'],
    [
      '11 tags',
      { tags: Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`t${at}`, ''])) },
      'takes 10',
    ],
    ['a key of 129', { tags: { ['k'.repeat(129)]: '' } }, 'takes 10'],
    ['a value of 257', { tags: { k: 'v'.repeat(257) } }, 'takes 10'],
    ['a sign that tags cannot have', { tags: { k: 'a&b' } }, 'takes 10'],
  ])('%s is refused at the start, and by the grant', async (_what, options, message) => {
    const make = (object: ObjectOptions | (() => ObjectOptions)) =>
      createUploadRouter({ files: route({ authorize, object }) })
    expect(() => make(options)).toThrow(message)
    const told: unknown[] = []
    const { call } = openSigner(
      open(),
      make(() => options),
      { onError: (error) => told.push(error) },
    )
    const [grant] = await backendFor('files').createUploads([aRequest(content)], call)
    expect(grant?.ok).toBe(false)
    expect(String(told[0])).toContain(message)
  })
}
