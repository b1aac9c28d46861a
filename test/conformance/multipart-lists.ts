/** What a resume asks for: the parts that are there, the uploads that are open (AWS: API_ListParts). */
import type { ListMultipartUploadsCommandInput, ListMultipartUploadsCommandOutput } from '@aws-sdk/client-s3'
import { ListMultipartUploadsCommand, ListPartsCommand } from '@aws-sdk/client-s3'

import type { Case } from './case.ts'
import { check } from './case.ts'
import { data, md5, minPart, origin } from './client.ts'
import { send } from './http.ts'
import { createUpload, fullPart, uploadPart } from './parts.ts'

export const multipartLists: readonly Case[] = [
  check(
    'parts.list',
    'ListParts: number, size and ETag of each',
    [
      [1, minPart, true],
      [3, data.length, true],
    ],
    async (s3, key) => {
      const upload = await createUpload(s3, key)
      const bodies = [fullPart(1), data]
      for (const [at, body] of bodies.entries()) await uploadPart(upload, at * 2 + 1, body)
      const { Parts = [] } = await upload.list()
      return Parts.map(({ PartNumber = null, Size = null, ETag }, at) => [
        PartNumber,
        Size,
        ETag === `"${md5(bodies[at] ?? data, 'hex')}"`,
      ])
    },
  ),
  check('parts.none', 'ListParts of an upload without parts', [0, false], async (s3, key) => {
    const { Parts = [], IsTruncated = null } = await (await createUpload(s3, key)).list()
    return [Parts.length, IsTruncated]
  }),
  check('parts.pages', 'ListParts page by page', [[1, 2], [3, 4], [5], 3], async (s3, key) => {
    const upload = await createUpload(s3, key)
    for (const number of [1, 2, 3, 4, 5]) await uploadPart(upload, number, data)
    const pages: number[][] = []
    let PartNumberMarker: string | undefined
    do {
      const page = await upload.list({ MaxParts: 2, PartNumberMarker })
      pages.push((page.Parts ?? []).map(({ PartNumber = 0 }) => PartNumber))
      PartNumberMarker = page.IsTruncated ? page.NextPartNumberMarker : undefined
    } while (PartNumberMarker !== undefined)
    return [...pages, pages.length]
  }),
  check(
    'parts.url',
    'ListParts by a presigned URL, readable to a page',
    ['200', origin, true],
    async (s3, key) => {
      const upload = await createUpload(s3, key)
      await uploadPart(upload, 1, data)
      const url = await s3.presign(new ListPartsCommand(upload.id))
      const { verdict, headers, text } = await send('GET', url, { headers: { origin } })
      return [
        verdict,
        headers['access-control-allow-origin'] ?? null,
        text.includes('<PartNumber>1</PartNumber>'),
      ]
    },
  ),
  check('parts.aborted', 'ListParts after Abort', '404 NoSuchUpload', async (s3, key) => {
    const upload = await createUpload(s3, key)
    await uploadPart(upload, 1, data)
    await upload.abort()
    return s3.attempt(new ListPartsCommand(upload.id))
  }),
  check('parts.completed', 'ListParts after Complete', '404 NoSuchUpload', async (s3, key) => {
    const upload = await createUpload(s3, key)
    await uploadPart(upload, 1, data)
    await upload.complete()
    return s3.attempt(new ListPartsCommand(upload.id))
  }),
  check(
    'uploads.list',
    'ListMultipartUploads finds those of a prefix, and not the ended ones',
    2,
    async (s3, key) => {
      const uploads = [
        await createUpload(s3, `${key}/a`),
        await createUpload(s3, `${key}/b`),
        await createUpload(s3, `${key}/c`),
      ]
      await uploads[1]?.abort()
      const { Uploads = [] } = await s3.client.send(
        new ListMultipartUploadsCommand({ Bucket: s3.bucket, Prefix: `${key}/` }),
      )
      const ids = new Set(uploads.map(({ id }) => id.UploadId))
      return Uploads.filter(({ UploadId, Initiated }) => ids.has(UploadId) && Initiated instanceof Date)
        .length
    },
  ),
  check('uploads.pages', 'ListMultipartUploads page by page', ['a', 'b', 'c'], async (s3, key) => {
    for (const name of ['a', 'b', 'c']) await createUpload(s3, `${key}/${name}`)
    const names: string[] = []
    let markers: Partial<ListMultipartUploadsCommandInput> | undefined = {}
    while (markers && names.length < 9) {
      const input = { Bucket: s3.bucket, Prefix: `${key}/`, MaxUploads: 1, ...markers }
      const page: ListMultipartUploadsCommandOutput = await s3.client.send(
        new ListMultipartUploadsCommand(input),
      )
      names.push(...(page.Uploads ?? []).map(({ Key = '' }) => Key.slice(-1)))
      const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page
      markers = page.IsTruncated ? { KeyMarker, UploadIdMarker } : undefined
    }
    return names
  }),
  check('uploads.same-key', 'two uploads of one key are listed apart', 2, async (s3, key) => {
    for (let n = 0; n < 2; n++) await createUpload(s3, key)
    const { Uploads = [] } = await s3.client.send(
      new ListMultipartUploadsCommand({ Bucket: s3.bucket, Prefix: key }),
    )
    return new Set(Uploads.map(({ UploadId }) => UploadId)).size
  }),
]
