/** Stores that answer the signer otherwise than AWS does. */
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3'
import { onTestFinished, expect, test, vi } from 'vitest'

import type { FetchLike, StorageOptions } from '../../src/server/index.ts'
import { b2, createUploadRouter, minio, route } from '../../src/server/index.ts'
import { startS3Server } from '../../src/testing/s3-server/index.ts'
import {
  aRequest,
  authorize,
  backendFor,
  bytesOf,
  callTo,
  carryOut,
  granted,
  handlerFor,
} from './store-suite.ts'
import { call, makeHandler, post } from './support.ts'

async function uploadOver(quirk: FetchLike, size: number, preset = (given: StorageOptions) => given) {
  const server = await startS3Server({ region: 'eu-central-1' })
  onTestFinished(() => server.close())
  await server.createBucket('uploads')
  const { endpoint, region, credentials } = server
  const storage = preset({ bucket: 'uploads', endpoint, region, credentials, forcePathStyle: true })
  const router = createUploadRouter({ files: route({ authorize, onComplete: (upload) => upload.size }) })
  const asked = callTo(handlerFor({ storage, now: Date.now }, router, { fetch: quirk }))
  const backend = backendFor('files')
  const content = bytesOf(size)
  const file = aRequest(content, { accepts: ['put'] })
  const mine = granted((await backend.createUploads([file], asked))[0])
  await carryOut(mine, content, backend, asked)
  return backend.confirm?.(mine.ref, { location: '' }, file, asked)
}

const without =
  (name: string): FetchLike =>
  async (url, init) => {
    const answer = await fetch(url, init)
    const headers = new Headers(answer.headers)
    if (init.method === 'HEAD') headers.delete(name)
    const { status } = answer
    return new Response(status === 204 || init.method === 'HEAD' ? null : await answer.text(), {
      status,
      headers,
    })
  }

test.each([0, 7])('a HEAD without Content-Length: the size of %d bytes is read from a list', async (size) => {
  expect(await uploadOver(without('content-length'), size)).toBe(size)
})

test('a store that checks no digests is not asked for them', async () => {
  const quirk = vi.fn<FetchLike>((url, init) =>
    new Headers(init.headers).has('x-amz-checksum-mode')
      ? Promise.resolve(new Response(null, { status: 400 }))
      : fetch(url, init),
  )
  const preset = (given: StorageOptions): StorageOptions => b2({ ...given, region: 'eu-central-1' })
  expect(await uploadOver(quirk, 5, preset)).toBe(5)
})

test.each(['[', '{"a":'])('metadata nested 5,000 deep by %s is a bad request', async (open) => {
  const close = open === '[' ? ']' : '}'
  const metadata = `${open.repeat(5000)}1${close.repeat(5000)}`
  const body = JSON.stringify({ v: 1, action: 'sign', files: [{ metadata: 0 }] })
  const { status } = await call(makeHandler(), post(body.replace('"metadata":0', `"metadata":${metadata}`)))
  expect(status).toBe(400)
})

test('where uploads are found by whole keys only, as on MinIO, one whose answer was lost is found again', async () => {
  const server = await startS3Server({ region: 'us-east-1' })
  onTestFinished(() => server.close())
  await server.createBucket('uploads')
  const { endpoint, credentials } = server
  /** Of a list by prefix, only what has the prefix as its whole key. */
  const exact: FetchLike = async (address, init) => {
    const answer = await fetch(address, init)
    const prefix = new URL(address).searchParams.get('prefix')
    if (!address.includes('?uploads=') || init.method !== 'GET') return answer
    const text = (await answer.text()).replace(/<Upload>.*?<\/Upload>/gs, (upload) =>
      upload.includes(`<Key>${prefix}</Key>`) ? upload : '',
    )
    return new Response(text, { status: answer.status })
  }
  const storage = minio({ bucket: 'uploads', endpoint, credentials, grantCredentials: credentials })
  const router = createUploadRouter({ files: route({ authorize, transport: 'multipart' }) })
  const asked = callTo(handlerFor({ storage, now: Date.now }, router, { fetch: exact }))
  const backend = backendFor('files')
  const content = bytesOf(1000)
  const file = aRequest(content, { accepts: ['multipart'] })
  granted((await backend.createUploads([file], asked))[0])
  const again = granted((await backend.createUploads([file], asked))[0])
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    credentials: { ...credentials },
    forcePathStyle: true,
  })
  onTestFinished(() => client.destroy())
  const open = async () =>
    (await client.send(new ListMultipartUploadsCommand({ Bucket: 'uploads' }))).Uploads ?? []
  expect(await open()).toHaveLength(1)
  await carryOut(again, content, backend, asked)
  expect(await backend.confirm?.(again.ref, { location: '' }, file, asked)).toBeNull()
  expect(await open()).toHaveLength(0)
})

test('maxOpenUploads is refused at start on a store that cannot list them, where files go in parts', () => {
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
  const endpoint = 'https://m.example'
  const storage = minio({ bucket: 'uploads', endpoint, credentials, grantCredentials: credentials })
  const start = (options: { transport?: 'put'; maxOpenUploads?: number }) => () =>
    handlerFor({ storage, now: Date.now }, createUploadRouter({ files: route({ authorize, ...options }) }))
  expect(start({ maxOpenUploads: 5 })).toThrow('files: maxOpenUploads: this store does not list')
  expect(start({ maxOpenUploads: 5, transport: 'put' })).not.toThrow()
  expect(start({ maxOpenUploads: Infinity })).not.toThrow()
  expect(start({})).not.toThrow()
})
