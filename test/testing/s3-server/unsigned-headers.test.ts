/** The switch that makes the local S3 take headers that nobody signed, and the keys that are limited to some actions. */
import { describe, expect, test } from 'vitest'

import type { S3Credentials } from '../../../src/s3/credentials.ts'
import type { S3Server, UnsignedHeaders } from '../../../src/testing/s3-server/index.ts'
import { bucket, Client, send, serverForTests } from './support.ts'

const modes = ['refused', 'named', 'taken'] as const
const servers: Readonly<Record<UnsignedHeaders, { readonly client: Client; readonly server: S3Server }>> = {
  refused: serverForTests(),
  named: serverForTests({ unsignedHeaders: 'named' }),
  taken: serverForTests({ unsignedHeaders: 'taken' }),
}
const secret = `/${bucket}/secret.txt`

async function putSecret(client: Client): Promise<void> {
  expect((await client.object('PUT', 'secret.txt', { body: 'TOP SECRET' })).status).toBe(200)
}

async function beginUpload(client: Client, key: string): Promise<string> {
  const begun = await client.object('POST', key, { query: 'uploads=' })
  return begun.element('UploadId') ?? ''
}

describe.each(modes)('unsigned headers: %s', (mode) => {
  const s3 = servers[mode]
  const isTaken = mode !== 'refused'

  test(`a copy by an unsigned header is ${isTaken ? 'made' : 'refused'}`, async () => {
    await putSecret(s3.client)
    const url = await s3.client.presign('PUT', 'copy')
    const answer = await send('PUT', url, { 'x-amz-copy-source': secret })
    expect(answer.status).toBe(isTaken ? 200 : 403)
    const stored = await s3.client.object('GET', 'copy')
    expect(stored.text).toBe(isTaken ? 'TOP SECRET' : stored.text)
    expect(stored.status).toBe(isTaken ? 200 : 404)
  })

  test(`a part that an unsigned header copies is ${isTaken ? 'made' : 'refused'}`, async () => {
    await putSecret(s3.client)
    const uploadId = await beginUpload(s3.client, 'parts')
    const query = `partNumber=1&uploadId=${uploadId}`
    const url = await s3.client.presign('PUT', 'parts', { query })
    const headers = { 'x-amz-copy-source': secret, 'x-amz-copy-source-range': 'bytes=4-9' }
    expect((await send('PUT', url, headers)).status).toBe(isTaken ? 200 : 403)
    const listed = await s3.client.object('GET', 'parts', { query: `uploadId=${uploadId}` })
    expect(listed.element('Size')).toBe(isTaken ? '6' : undefined)
  })

  test(`unsigned tags, metadata, redirect and ACL are ${isTaken ? 'kept' : 'refused'}`, async () => {
    const url = await s3.client.presign('PUT', 'marked')
    const headers = {
      'x-amz-tagging': 'a=b',
      'x-amz-meta-role': 'admin',
      'x-amz-website-redirect-location': '/evil',
      'x-amz-acl': 'public-read',
    }
    expect((await send('PUT', url, headers, 'abc')).status).toBe(isTaken ? 200 : 403)
    const head = await s3.client.object('HEAD', 'marked')
    expect(head.status).toBe(isTaken ? 200 : 404)
    const kept = ['x-amz-tagging-count', 'x-amz-meta-role', 'x-amz-website-redirect-location']
    const none = [undefined, undefined, undefined]
    expect(kept.map((name) => head.headers[name])).toEqual(isTaken ? ['1', 'admin', '/evil'] : none)
    expect((await send('GET', s3.client.url('marked'))).status).toBe(isTaken ? 200 : 403)
  })

  test('nobody reads an object without such an ACL unsigned', async () => {
    await putSecret(s3.client)
    expect((await send('GET', s3.client.url('secret.txt'))).status).toBe(403)
    expect((await send('GET', s3.client.url('missing'))).status).toBe(403)
  })

  test('requests that are signed by header, and presigned GETs, must sign all x-amz-* headers', async () => {
    await putSecret(s3.client)
    const signed = await s3.client.signer.sign({
      method: 'PUT',
      url: s3.client.url('by-header'),
      bodyHash: 'UNSIGNED-PAYLOAD',
    })
    const put = await send('PUT', s3.client.url('by-header'), { ...signed, 'x-amz-acl': 'public-read' })
    expect(put).toMatchObject({ status: 403, code: 'AccessDenied' })
    const url = await s3.client.presign('GET', 'secret.txt')
    expect((await send('GET', url, { 'x-amz-checksum-mode': 'ENABLED' })).status).toBe(403)
  })

  test(`a URL that names an absent header is ${mode === 'named' ? 'taken' : 'refused'}`, async () => {
    const { url } = await s3.client.signer.presign({
      method: 'PUT',
      url: s3.client.url(`absent-${mode}`),
      expiresIn: 60,
      absent: ['x-amz-acl'],
    })
    const named = await send('PUT', url, { 'x-amz-acl': 'public-read' }, 'abc')
    expect(named).toMatchObject({ status: 403, code: 'SignatureDoesNotMatch' })
    expect((await s3.client.object('HEAD', `absent-${mode}`)).status).toBe(404)
    expect((await send('PUT', url, {}, 'abc')).status).toBe(mode === 'named' ? 200 : 403)
  })

  test('a form takes no headers for fields', async () => {
    const fields = await s3.client.fields([['key', 'form']])
    const answer = await s3.client.post(fields, 'abc', {
      'x-amz-copy-source': secret,
      'x-amz-tagging': 'a=b',
    })
    expect(answer.status).toBeGreaterThanOrEqual(200)
    const stored = await s3.client.object('GET', 'form')
    expect(stored.text === 'TOP SECRET' || 'x-amz-tagging-count' in stored.headers).toBe(false)
  })
})

test('a copy carries no ACL along', async () => {
  const { client } = servers.taken
  await client.object('PUT', 'public', { headers: { 'x-amz-acl': 'public-read' }, body: 'abc' })
  await client.object('PUT', 'private', { headers: { 'x-amz-copy-source': `/${bucket}/public` } })
  expect((await send('GET', client.url('public'))).text).toBe('abc')
  expect((await send('GET', client.url('private'))).status).toBe(403)
})

test.each(['x-amz-grant-read', 'x-amz-grant-full-control'])('%s for all users publishes', async (name) => {
  const { client } = servers.taken
  const uri = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'
  await client.object('PUT', name, { headers: { [name]: uri }, body: 'abc' })
  expect((await send('GET', client.url(name))).status).toBe(200)
})

describe('a session that is limited to some actions', () => {
  const { taken: s3 } = servers
  const limited = (...actions: string[]): Client => {
    const session: S3Credentials = s3.server.issueSession({ actions })
    return new Client(s3.server, session)
  }

  test('writes and cannot read, also not by a copy', async () => {
    await putSecret(s3.client)
    const writer = limited('s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts')
    expect((await writer.object('PUT', 'mine', { body: 'abc' })).status).toBe(200)
    expect((await writer.post(await writer.fields([['key', 'form']]))).status).toBe(204)
    const uploadId = await beginUpload(writer, 'mine')
    const part = { query: `partNumber=1&uploadId=${uploadId}` }
    expect((await writer.object('PUT', 'mine', { ...part, body: 'abc' })).status).toBe(200)
    expect((await writer.object('GET', 'mine', { query: `uploadId=${uploadId}` })).status).toBe(200)
    const copy = { headers: { 'x-amz-copy-source': secret } }
    for (const refused of [
      await writer.object('PUT', 'mine', copy),
      await writer.object('PUT', 'mine', { ...part, ...copy }),
      await writer.object('GET', 'mine'),
      await writer.object('HEAD', 'missing'),
      await writer.object('DELETE', 'mine'),
      await writer.object('PUT', 'mine', { headers: { 'x-amz-tagging': 'a=b' } }),
      await writer.object('PUT', 'mine', { headers: { 'x-amz-acl': 'public-read' } }),
      await writer.post(
        await writer.fields([
          ['key', 'form'],
          ['acl', 'public-read'],
        ]),
      ),
      await writer.signed('GET', `/${bucket}?list-type=2`),
    ])
      expect(refused.status).toBe(403)
    expect((await s3.client.object('GET', 'mine')).text).toBe('abc')
    expect((await writer.object('DELETE', 'mine', { query: `uploadId=${uploadId}` })).status).toBe(204)
  })

  test('is told 404 of missing objects only with ListBucket', async () => {
    expect((await limited('s3:GetObject').object('HEAD', 'missing')).status).toBe(403)
    expect((await limited('s3:GetObject', 's3:ListBucket').object('HEAD', 'missing')).status).toBe(404)
    const copy = { headers: { 'x-amz-copy-source': `/${bucket}/missing` } }
    const copier = ['s3:PutObject', 's3:GetObject']
    expect((await limited(...copier).object('PUT', 'a', copy)).status).toBe(403)
    expect((await limited(...copier, 's3:ListBucket').object('PUT', 'a', copy)).status).toBe(404)
  })
})
