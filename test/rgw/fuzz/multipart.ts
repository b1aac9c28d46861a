/** The calls of a multipart upload, each on an upload of its own with two parts in it. */
import { encodeKey } from '../../../src/s3/key.ts'
import type { S3 } from '../../conformance/client.ts'
import { createUpload, uploadPart } from '../../conformance/parts.ts'
import type { Random } from './random.ts'
import type { Recipe } from './recipe.ts'
import { body, keyOf } from './recipe.ts'
import type { Signing } from './requests.ts'
import { manner } from './requests.ts'

type Part = readonly [number: string, etag: string]

/**
 * What Complete may name. Not in here: fewer parts than were sent, which AWS takes and RGW refuses (`mpu.subset` of
 * the conformance suite).
 */
const lists: Readonly<Record<string, (parts: readonly Part[]) => readonly Part[]>> = {
  'as sent': (parts) => parts,
  'another ETag': (parts) => parts.map(([number]) => [number, '"00000000000000000000000000000000"']),
  'ETag without quotes': (parts) => parts.map(([number, etag]) => [number, etag.replaceAll('"', '')]),
  'a part never sent': (parts) => [...parts, ['7', parts[0]?.[1] ?? '']],
  'a number that is none': (parts) => parts.map(([, etag]) => ['one', etag]),
  'a part twice': (parts) => [...parts, ...parts],
  'no parts': () => [],
}

const partNumbers = ['1', '2', '9999', '10000', '10001', '0', '-1', 'x', ''] as const

async function open(s3: S3, key: string): Promise<{ id: string; parts: readonly Part[] }> {
  const upload = await createUpload(s3, key)
  await uploadPart(upload, 1, body)
  return {
    id: encodeURIComponent(upload.id.UploadId ?? ''),
    parts: upload.parts.map(({ PartNumber, ETag = '' }): Part => [`${PartNumber}`, ETag]),
  }
}

export function multipart(random: Random, number: number): Recipe {
  const key = keyOf(number)
  const path = `/${encodeKey(key)}`
  const call = random.pick(['part', 'part', 'complete', 'complete', 'complete', 'list', 'abort', 'create'])
  const list = random.chance(0.3) ? 'as sent' : random.pick(Object.keys(lists) as [string, ...string[]])
  const partNumber = random.chance(0.5) ? '1' : random.pick(partNumbers)
  const otherId = random.chance(0.1)
  const { traits, sign } = manner(random, random.chance(0.6) ? 'query' : 'header')
  const build = (id: string, parts: readonly Part[]): Signing => {
    switch (call) {
      case 'part':
        return { method: 'PUT', path: `${path}?partNumber=${partNumber}&uploadId=${id}`, body }
      case 'complete': {
        const named = (lists[list]?.(parts) ?? parts).map(
          ([at, etag]) => `<Part><PartNumber>${at}</PartNumber><ETag>${etag}</ETag></Part>`,
        )
        const xml = `<CompleteMultipartUpload>${named.join('')}</CompleteMultipartUpload>`
        return { method: 'POST', path: `${path}?uploadId=${id}`, body: Buffer.from(xml) }
      }
      case 'list':
        return { method: 'GET', path: `${path}?uploadId=${id}&max-parts=1` }
      case 'abort':
        return { method: 'DELETE', path: `${path}?uploadId=${id}` }
      default:
        return {
          method: 'POST',
          path: `${path}?uploads=`,
          headers: { 'content-type': 'image/png' },
          body: Buffer.alloc(0),
        }
    }
  }
  const about = call === 'part' ? `number ${partNumber}` : call === 'complete' ? list : undefined
  return {
    kind: `multipart ${call}`,
    traits: [
      ...traits,
      ...(about ? [about] : []),
      ...(otherId && call !== 'create' ? ['no such upload'] : []),
    ],
    build: async (s3) => {
      if (call === 'create') return sign(s3, build('', []))
      const { id, parts } = await open(s3, key)
      return sign(s3, build(otherId ? 'no-such-upload' : id, parts))
    },
  }
}
