/** The transport against a real server, in a real browser: progress is not to be had otherwise. */
import { describe, expect, test } from 'vitest'

import { xhrTransport } from '../../../src/core/index.ts'
import type { HttpRequest, HttpResponse } from '../../../src/core/index.ts'

const { send } = xhrTransport()
const live = (): AbortSignal => new AbortController().signal

const form = (file: Blob, fileName = 'a.txt'): HttpRequest => ({
  method: 'POST',
  url: '/sink',
  body: {
    kind: 'form',
    fields: [
      ['key', 'k/ä.txt'],
      ['__proto__', 'x'],
    ],
    file,
    fileName,
  },
})

interface Received {
  method: string
  headers: Record<string, string>
  body: string
  bytes: number
}
function received({ text }: HttpResponse): Received {
  const value: Received = JSON.parse(text)
  return value
}

describe('what is sent', () => {
  test('a form: the fields in order, the file last', async () => {
    const { body, headers } = received(
      await send(form(new Blob(['hello'], { type: 'text/plain' })), { signal: live() }),
    )
    expect(headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
    const names = [...body.matchAll(/ name="([^"]+)"/g)].map(([, name]) => name)
    expect(names).toEqual(['key', '__proto__', 'file'])
    expect(body).toContain('filename="a.txt"')
    expect(body).toContain('hello')
  })

  test('an empty file is a file', async () => {
    const { body } = received(await send(form(new Blob([])), { signal: live() }))
    expect(body).toContain('name="file"; filename="a.txt"')
  })

  test('text, with its headers', async () => {
    const answer = await send(
      {
        method: 'PUT',
        url: '/sink',
        headers: [
          ['X-Own', 'yes'],
          ['Content-Type', 'application/json'],
        ],
        body: { kind: 'text', text: '{}' },
      },
      { signal: live() },
    )
    expect(received(answer)).toMatchObject({
      method: 'PUT',
      body: '{}',
      headers: { 'x-own': 'yes', 'content-type': 'application/json' },
    })
  })
})

describe('what comes back', () => {
  test('headers in lower case', async () => {
    const { status, headers } = await send({ method: 'GET', url: '/sink' }, { signal: live() })
    expect(status).toBe(200)
    expect(headers.get('etag')).toBe('"e"')
  })

  test.each([204, 403, 501, 503])('status %i is an answer, not an error', async (status) => {
    const answer = await send({ method: 'POST', url: `/sink?status=${status}&body=` }, { signal: live() })
    expect(answer.status).toBe(status)
  })
})

describe('progress', () => {
  test('counts the bytes of the file, not of the form around it, and never goes back', async () => {
    const file = new Blob([new Uint8Array(8 * 1024 * 1024)])
    const seen: number[] = []
    const answer = await send(form(file), { signal: live(), onProgress: (loaded) => seen.push(loaded) })
    expect(received(answer).bytes).toBeGreaterThan(file.size)
    expect(seen.at(-1)).toBe(file.size)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  })

  test('of a file of five bytes ends at five', async () => {
    const seen: number[] = []
    await send(form(new Blob(['12345'])), { signal: live(), onProgress: (loaded) => seen.push(loaded) })
    expect(seen.at(-1)).toBe(5)
  })
})

describe('no answer', () => {
  test('our abort ends the request and says so', async () => {
    const controller = new AbortController()
    const request = { ...form(new Blob([new Uint8Array(1024)])), url: '/sink/hang' }
    const sent = send(request, { signal: controller.signal, onProgress: () => controller.abort('enough') })
    await expect(sent).rejects.toMatchObject({ code: 'aborted', cause: 'enough' })
  })

  test('an abort before the start sends nothing', async () => {
    await expect(send(form(new Blob([])), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'aborted',
    })
  })

  test('a cut line is a network error; the message keeps the query, a credential, to itself', async () => {
    const failed = send({ method: 'POST', url: '/sink/reset?X-Amz-Signature=secret' }, { signal: live() })
    const error = await failed.catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'network', retry: 'later' })
    expect(String(error)).not.toContain('secret')
  })

  test('a file that cannot be read any more is told apart from a bad line', async () => {
    // What a browser gives for a file that was deleted since: reading it rejects (FACTS 4.2).
    const gone = new Blob(['x'])
    const cause = new DOMException('gone', 'NotFoundError')
    Object.defineProperty(gone, 'slice', { value: () => ({ arrayBuffer: () => Promise.reject(cause) }) })
    const failed = send(
      { method: 'PUT', url: '/sink/reset', body: { kind: 'blob', blob: gone } },
      { signal: live() },
    )
    await expect(failed).rejects.toMatchObject({ code: 'file-unreadable', retry: 'never', cause })
  })
})
