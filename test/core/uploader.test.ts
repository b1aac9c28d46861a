import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { UploadError } from '../../src/core/index.ts'
import type { FileBatch } from '../../src/core/index.ts'
import { memoryResumeStore } from '../../src/core/resume/memory.ts'
import { grantOf } from '../../src/testing/index.ts'
import { bench, fileOf, first } from '../support/engine.ts'

const createdAs = (key: string): string =>
  `<PostResponse><Location>https://bucket.test/${encodeURIComponent(key)}</Location><Bucket>bucket</Bucket><Key>${key}</Key><ETag>"e1"</ETag></PostResponse>`

describe('a file on its way', () => {
  test('queued, preparing, uploading, processing, success; where it is stored is read from the XML', async () => {
    const seen: string[] = []
    const { uploader, transport, until } = bench({}, { confirm: (ref, { etag }) => ({ ref, etag, id: 7 }) })
    const { id } = first(uploader.add(fileOf('a.txt')))
    uploader.subscribe(`item:${id}`, () => seen.push(uploader.getItem(id)?.status ?? 'gone'))
    const sent = await transport.next()
    expect(sent.request).toMatchObject({
      method: 'POST',
      url: 'https://bucket.test/',
      body: { kind: 'form', fields: [['key', `${id}/a.txt`]], fileName: 'a.txt' },
    })
    sent.respond({ status: 201, text: createdAs(`${id}/a.txt`) })
    expect(await until(id, 'success')).toMatchObject({
      stored: {
        location: `https://bucket.test/${id}%2Fa.txt`,
        bucket: 'bucket',
        key: `${id}/a.txt`,
        etag: '"e1"',
      },
      result: { ref: { key: `${id}/a.txt` }, etag: '"e1"', id: 7 },
    })
    expect(seen).toContain('uploading')
    expect(seen.at(-1)).toBe('success')
  })

  test.each([
    [
      200,
      { etag: '"h"', location: 'https://bucket.test/x' },
      { etag: '"h"', location: 'https://bucket.test/x' },
    ],
    [204, {}, { location: expect.stringMatching(/^https:\/\/bucket\.test\/[0-9a-f]{32}\/a%20b\.txt$/) }],
  ])('%i without XML is a success too', async (status, headers, stored) => {
    const { uploader, transport, until } = bench()
    const { id } = first(uploader.add(fileOf('a b.txt')))
    ;(await transport.next()).respond({ status, headers })
    expect(await until(id, 'success')).toMatchObject({ stored })
  })

  // As browsers write a file's name into a form, and S3 takes it from there.
  test.each([
    ['a b.txt', 'u/a b.txt'],
    ['x$&y$$z.txt', 'u/x$&y$$z.txt'],
    ['a"b.txt', 'u/a%22b.txt'],
    ['c\\d.txt', 'u/d.txt'],
  ])('a key that ends with the name of %j', async (name, key) => {
    const { uploader, transport, until } = bench(
      {},
      {
        grant: () => ({
          ok: true,
          ref: {},
          target: {
            type: 'post',
            urls: ['https://bucket.test/'],
            fields: [['key', 'u/${filename}']],
            expiresIn: 60,
          },
        }),
      },
    )
    const { id } = first(uploader.add(fileOf(name)))
    ;(await transport.next()).respond({ status: 201, text: createdAs(key) })
    expect(await until(id, 'success')).toMatchObject({ stored: { key } })
  })

  test('an empty file is sent, and is at its end when S3 has answered', async () => {
    const { uploader, transport, until } = bench()
    const { id } = first(uploader.add(fileOf('empty', 0)))
    ;(await transport.next()).respond()
    await until(id, 'success')
    expect(uploader.getTotals()).toMatchObject({ loaded: 0, total: 0, files: 1, succeeded: 1, active: 0 })
  })

  test('progress is the file’s, and 100 % of a row is not yet success', async () => {
    const { uploader, transport, until } = bench()
    const { id } = first(uploader.add(fileOf('a', 100)))
    const sent = await transport.next()
    sent.progress(100)
    await vi.waitFor(() => expect(uploader.getProgress(id)).toEqual({ loaded: 99, total: 100 }))
    expect(uploader.getItem(id)?.status).toBe('uploading')
    sent.respond()
    await until(id, 'success')
  })

  test('a blob without a name gets one that says its type', () => {
    const { uploader } = bench({ autoStart: false })
    const item = first(uploader.add(new Blob(['x'], { type: 'image/jpeg' })))
    expect(item).toMatchObject({ name: 'file.jpg', type: 'image/jpeg', size: 1 })
  })
})

describe('rules', () => {
  test('a rejected file is an item with its reason, and nothing is asked or sent for it', async () => {
    const onRejected = vi.fn<() => void>()
    const { uploader, backend } = bench({ maxSize: 3, onRejected })
    const item = first(uploader.add(fileOf('big', 4)))
    expect(item).toMatchObject({
      status: 'rejected',
      errors: [{ code: 'file-too-large', limit: 3, actual: 4 }],
    })
    expect(onRejected).toHaveBeenCalledWith([item])
    expect(backend.calls).toEqual([])
    expect(uploader.getTotals().files).toBe(0)
  })

  test('rejected and canceled files leave their place to others', () => {
    const { uploader } = bench({ maxFiles: 1, autoStart: false })
    const one = first(uploader.add(fileOf('one')))
    expect(first(uploader.add(fileOf('two'))).status).toBe('rejected')
    uploader.cancel(one.id)
    expect(first(uploader.add(fileOf('three'))).status).toBe('queued')
  })

  test('rules can change while it runs', () => {
    const { uploader } = bench({ autoStart: false })
    uploader.setOptions({ maxFiles: 1 })
    expect(uploader.add([fileOf('a'), fileOf('b')]).map(({ status }) => status)).toEqual([
      'queued',
      'rejected',
    ])
  })

  test('a batch comes in natural order', () => {
    const { uploader } = bench({ autoStart: false })
    const names = uploader.add([fileOf('img10'), fileOf('img9')]).map(({ name }) => name)
    expect(names).toEqual(['img9', 'img10'])
  })
})

describe('the queue', () => {
  test('only `concurrency` files are in transfer; the next one starts when one is stored', async () => {
    const { uploader, transport } = bench({ concurrency: 2 })
    uploader.add([fileOf('a'), fileOf('b'), fileOf('c')])
    const one = await transport.next()
    await transport.next()
    expect(transport.open()).toHaveLength(2)
    one.respond()
    expect((await transport.next()).request.body).toMatchObject({ fileName: 'c' })
  })

  test('files that start together are asked for in one call, batchSize at most', async () => {
    const { uploader, transport, backend } = bench({ concurrency: 5 }, { batchSize: 2 })
    uploader.add([1, 2, 3, 4, 5].map((n) => fileOf(String(n))))
    await transport.next()
    expect(backend.calls.map((files) => files.length)).toEqual([2, 2, 1])
  })

  test('a file that is still confirmed holds no place', async () => {
    const { uploader, transport } = bench({ concurrency: 1 }, { confirm: () => new Promise(() => undefined) })
    uploader.add([fileOf('a'), fileOf('b')])
    ;(await transport.next()).respond()
    expect((await transport.next()).request.body).toMatchObject({ fileName: 'b' })
  })

  test('with autoStart: false nothing starts by itself', async () => {
    const { uploader, transport, backend } = bench({ autoStart: false })
    const [a, b] = uploader.add([fileOf('a'), fileOf('b')])
    await Promise.resolve()
    expect(backend.calls).toEqual([])
    uploader.start(b?.id)
    expect((await transport.next()).request.body).toMatchObject({ fileName: 'b' })
    expect(uploader.getItem(a?.id ?? '')?.status).toBe('queued')
  })
})

describe('what goes wrong', () => {
  test('a refusal of one file leaves the others alone', async () => {
    const refusal = new UploadError('file-invalid-type', 'never', 'no')
    const { uploader, transport, until } = bench(
      {},
      { grant: (file) => (file.name === 'bad' ? { ok: false, error: refusal } : grantOf(file)) },
    )
    const [bad, good] = uploader.add([fileOf('bad'), fileOf('good')])
    ;(await transport.next()).respond()
    expect(await until(bad?.id ?? '', 'error')).toMatchObject({ step: 'prepare', error: refusal })
    await until(good?.id ?? '', 'success')
  })

  test('a call that fails fails its files, each with the reason', async () => {
    const { uploader, until } = bench(
      {},
      {
        grant: () => {
          throw new UploadError('signer-failed', 'later', 'down')
        },
      },
    )
    const items = uploader.add([fileOf('a'), fileOf('b')])
    for (const { id } of items)
      expect(await until(id, 'error')).toMatchObject({ error: { code: 'signer-failed' } })
  })

  test('a backend that throws something else is an `internal` error with its cause', async () => {
    const cause = new TypeError('boom')
    const { uploader, until } = bench({}, { grant: () => Promise.reject(cause) })
    const { id } = first(uploader.add(fileOf('a')))
    expect(await until(id, 'error')).toMatchObject({ error: { code: 'internal', cause } })
  })

  test("S3's refusal is the item's error, and its progress is not left standing", async () => {
    const { uploader, transport, until } = bench()
    const { id } = first(uploader.add(fileOf('a', 10)))
    const sent = await transport.next()
    sent.progress(7)
    sent.respond({ status: 400, text: '<Error><Code>EntityTooLarge</Code></Error>' })
    expect(await until(id, 'error')).toMatchObject({ step: 'transfer', error: { code: 'file-too-large' } })
    expect(uploader.getProgress(id).loaded).toBe(0)
    expect(uploader.getTotals()).toMatchObject({ failed: 1, active: 0 })
  })

  test('a retry is for the same object: it uses the target again while it is fresh', async () => {
    const { uploader, transport, backend, until } = bench()
    const { id } = first(uploader.add(fileOf('a')))
    ;(await transport.next()).fail()
    await until(id, 'error')
    uploader.retry(id)
    const again = await transport.next()
    expect(again.request.body).toMatchObject({ fields: [['key', `${id}/a`]] })
    expect(backend.calls).toHaveLength(1)
  })

  test('a retry asks anew once the target is old, and says which object it was', async () => {
    const { uploader, transport, backend, clock, until } = bench()
    const { id } = first(uploader.add(fileOf('a')))
    ;(await transport.next()).fail()
    await until(id, 'error')
    clock.now += 31_000
    uploader.retry(id)
    await transport.next()
    expect(backend.calls[1]).toMatchObject([{ id, reason: 'renew', previous: { key: `${id}/a` } }])
  })

  test('a target that S3 refused is not used again', async () => {
    const { uploader, transport, backend, until } = bench()
    const { id } = first(uploader.add(fileOf('a')))
    ;(await transport.next()).respond({
      status: 403,
      text: '<Error><Code>SignatureDoesNotMatch</Code></Error>',
    })
    await until(id, 'error')
    uploader.retry(id)
    await transport.next()
    expect(backend.calls).toHaveLength(2)
  })

  const expired = {
    status: 403,
    text: '<Error><Code>AccessDenied</Code><Message>Invalid according to Policy: Policy expired.</Message></Error>',
  }

  test('expired after bytes were sent: asked once for a longer life, then it is an error', async () => {
    const { uploader, transport, backend, clock, until } = bench()
    const { id } = first(uploader.add(fileOf('a', 10)))
    const one = await transport.next()
    one.progress(10)
    clock.now += 100_000
    one.respond(expired)
    const two = await transport.next()
    expect(backend.calls[1]).toMatchObject([
      { reason: 'renew', minimumLife: 260, previous: { key: `${id}/a` } },
    ])
    two.progress(10)
    two.respond(expired)
    expect(await until(id, 'error')).toMatchObject({ step: 'transfer', error: { code: 'expired' } })
    expect(backend.calls).toHaveLength(2)
  })

  test('expired before any byte: a longer life would not help', async () => {
    const { uploader, transport, backend, until } = bench()
    const { id } = first(uploader.add(fileOf('a', 10)))
    ;(await transport.next()).respond(expired)
    await until(id, 'error')
    expect(backend.calls).toHaveLength(1)
  })

  test('a failed confirm repeats only itself', async () => {
    let tries = 0
    const { uploader, transport, until } = bench(
      {},
      {
        confirm: () => {
          if (++tries === 1) throw new UploadError('signer-failed', 'later', 'down')
          return 'done'
        },
      },
    )
    const { id } = first(uploader.add(fileOf('a')))
    ;(await transport.next()).respond()
    expect(await until(id, 'error')).toMatchObject({ step: 'confirm' })
    uploader.retry(id)
    expect(await until(id, 'success')).toMatchObject({ result: 'done' })
    expect(transport.requests).toHaveLength(1)
  })

  test('an upload that is dead on the server begins anew, bytes and all', async () => {
    let tries = 0
    const gone = new UploadError('confirm-failed', 'restart', 'The receipt has run out.')
    const { uploader, transport, backend, until } = bench(
      {},
      {
        confirm: () => {
          if (++tries === 1) throw gone
          return 'done'
        },
      },
    )
    const { id } = first(uploader.add(fileOf('a')))
    ;(await transport.next()).respond()
    const failed = await until(id, 'error')
    expect(failed).toMatchObject({ step: 'transfer', error: gone })
    expect(failed).not.toHaveProperty('stored')
    expect(uploader.getProgress(id)).toEqual({ loaded: 0, total: 4 })
    uploader.retry(id)
    ;(await transport.next()).respond()
    expect(await until(id, 'success')).toMatchObject({ result: 'done' })
    expect(backend.calls[1]).toMatchObject([{ reason: 'restart' }])
  })

  test('an answer about another object is an error', async () => {
    const { uploader, transport, until } = bench()
    const { id } = first(uploader.add(fileOf('a')))
    ;(await transport.next()).respond({ status: 201, text: createdAs('somebody/else') })
    expect(await until(id, 'error')).toMatchObject({ error: { code: 'bad-answer' } })
  })

  test('a target that cannot be carried out is an error, not a guess', async () => {
    const { uploader, until } = bench(
      {},
      {
        grant: () => ({
          ok: true,
          ref: null,
          target: { type: 'multipart', partSize: 5 * 1024 ** 2, stored: [] },
        }),
      },
    )
    const { id } = first(uploader.add(fileOf('a')))
    expect(await until(id, 'error')).toMatchObject({ error: { code: 'unsupported-target' } })
  })

  test('a throwing callback is reported and stops nothing', async () => {
    const reported = vi.fn<(error: unknown) => void>()
    vi.stubGlobal('reportError', reported)
    onTestFinished(() => void vi.unstubAllGlobals())
    const fault = new Error('in the app')
    const { uploader, transport, until } = bench({
      onAdded: () => {
        throw fault
      },
    })
    const { id } = first(uploader.add(fileOf('a')))
    ;(await transport.next()).respond()
    await until(id, 'success')
    expect(reported).toHaveBeenCalledWith(fault)
  })
})

describe('a rule about types that is still on its way', () => {
  test('holds its files back, then counts as if it had been there', async () => {
    vi.resetModules()
    const { createUploader } = await import('../../src/core/index.ts')
    const { backend, transport } = bench()
    const uploader = createUploader({ backend, transport, accept: { 'image/*': [] }, maxFiles: 2 })
    const files = ['a.exe', 'b.png', 'c.heic', 'd.png'].map((name) =>
      fileOf(name, 1, name.endsWith('png') ? 'image/png' : ''),
    )
    const items = uploader.add(files)
    expect(items.map(({ status }) => status)).toEqual(['queued', 'queued', 'queued', 'queued'])
    expect(backend.calls).toEqual([])
    await vi.waitFor(() => expect(backend.calls.flat().map(({ name }) => name)).toEqual(['b.png', 'c.heic']))
    const codes = uploader.getItems().map((item) => item.status === 'rejected' && item.errors[0]?.code)
    expect(codes).toEqual(['file-invalid-type', false, false, 'too-many-files'])
    uploader.destroy()
  })
})

test('addFrom: what comes in batches, and what could not be read as errors; its end is told once', async () => {
  const onSettled = vi.fn()
  const onError = vi.fn()
  const { uploader, transport, backend } = bench({ onSettled, onError })
  const error = new UploadError('file-unreadable', 'never', 'The disk refused it.')
  async function* walk(): AsyncGenerator<FileBatch> {
    yield { files: [], unreadable: ['a', 'b'].map((path) => ({ path, error })) }
    yield { files: [fileOf('c')], unreadable: [] }
  }
  const items = await uploader.addFrom(walk(), { options: 7 })
  expect(items.map(({ name, status, options }) => [name, status, options])).toEqual([
    ['a', 'error', 7],
    ['b', 'error', 7],
    ['c', expect.stringMatching(/queued|preparing/), 7],
  ])
  expect(items[0]).toMatchObject({ step: 'prepare', error, file: undefined })
  expect(onError).toHaveBeenCalledTimes(2)
  expect(onSettled).toHaveBeenCalledTimes(1)
  ;(await transport.next()).respond()
  uploader.retryAll()
  await uploader.whenSettled()
  expect(uploader.getCounts()).toMatchObject({ error: 2, success: 1 })
  expect(backend.calls.flat().map(({ name }) => name)).toEqual(['c'])
})

test('a file that is paused before its rules are there is judged all the same', async () => {
  vi.resetModules()
  const { createUploader } = await import('../../src/core/index.ts')
  const { backend, transport } = bench()
  const uploader = createUploader({ backend, transport, maxSize: 5 })
  const [a, b] = uploader.add([fileOf('a', 6), fileOf('b')])
  uploader.pause()
  uploader.resume(b?.id)
  await vi.waitFor(() => expect(backend.calls.flat().map(({ name }) => name)).toEqual(['b']))
  expect(uploader.getItem(a?.id ?? '')).toMatchObject({
    status: 'rejected',
    errors: [{ code: 'file-too-large' }],
  })
  uploader.destroy()
})

describe('thousands of files', () => {
  const many = Array.from({ length: 2500 }, (_, at) => fileOf(`f${at}`, 1))

  test('are taken in slices, in natural order, and waited for as one', async () => {
    const onAdded = vi.fn<(items: readonly unknown[]) => void>()
    const { uploader, transport } = bench({ onAdded, autoStart: false })
    const items = uploader.add(many)
    expect(items).toHaveLength(2500)
    expect(uploader.getIds().length).toBeLessThan(2500)
    let isOver = false
    void uploader.whenSettled(items.map(({ id }) => id)).then(() => (isOver = true))
    await vi.waitFor(() => expect(uploader.getIds()).toEqual(items.map(({ id }) => id)))
    expect(onAdded.mock.calls.flatMap(([added]) => added)).toHaveLength(2500)
    expect(isOver).toBe(false)
    uploader.cancel()
    await vi.waitFor(() => expect(isOver).toBe(true))
    expect(transport.requests).toEqual([])
  })

  test('a command for all means those that are still to come, too', () => {
    const { uploader } = bench({ autoStart: false })
    uploader.add(many)
    uploader.cancel()
    expect(uploader.getCounts()).toMatchObject({ canceled: 2500, queued: 0 })
  })
})

describe('commands', () => {
  test('cancel aborts the request and gives the place to the next file', async () => {
    const { uploader, transport } = bench({ concurrency: 1 })
    const [a] = uploader.add([fileOf('a'), fileOf('b')])
    const sent = await transport.next()
    uploader.cancel(a?.id)
    expect(sent.aborted).toBe(true)
    expect(uploader.getItem(a?.id ?? '')?.status).toBe('canceled')
    expect((await transport.next()).request.body).toMatchObject({ fileName: 'b' })
  })

  test('cancel while the signer is asked: its late answer sends nothing', async () => {
    let answer: (() => void) | undefined
    const { uploader, transport, until } = bench(
      {},
      { grant: (file) => new Promise((resolve) => (answer = () => resolve(grantOf(file)))) },
    )
    const { id } = first(uploader.add(fileOf('a')))
    await vi.waitFor(() => expect(answer).toBeDefined())
    uploader.cancel()
    answer?.()
    await until(id, 'canceled')
    await Promise.resolve()
    expect(transport.requests).toEqual([])
  })

  test('pause holds no place; resume queues again and starts at byte 0', async () => {
    const { uploader, transport, until } = bench({ concurrency: 1 })
    const [a, b] = uploader.add([fileOf('a', 10), fileOf('b')])
    const one = await transport.next()
    one.progress(5)
    uploader.pause(a?.id)
    expect(one.aborted).toBe(true)
    expect(uploader.getItem(a?.id ?? '')).toMatchObject({
      status: 'paused',
      reason: 'user',
      canResume: false,
    })
    expect(uploader.getProgress(a?.id ?? '').loaded).toBe(0)
    ;(await transport.next()).respond()
    await until(b?.id ?? '', 'success')
    uploader.resume(a?.id)
    ;(await transport.next()).respond()
    await until(a?.id ?? '', 'success')
  })

  test('a command names one, several, or all', () => {
    const { uploader } = bench({ autoStart: false })
    const ids = uploader.add([fileOf('a'), fileOf('b'), fileOf('c')]).map(({ id }) => id)
    uploader.cancel(ids.slice(0, 2))
    expect(uploader.getCounts()).toMatchObject({ canceled: 2, queued: 1 })
    uploader.cancel()
    expect(uploader.getCounts()).toMatchObject({ canceled: 3, queued: 0 })
    uploader.retry(ids[0])
    expect(uploader.getCounts()).toMatchObject({ canceled: 2 })
  })

  test('an unknown id is passed over', () => {
    const { uploader } = bench({ autoStart: false })
    for (const command of [uploader.cancel, uploader.retry, uploader.remove, uploader.pause])
      command('nobody')
    expect(uploader.rename('nobody', 'x')).toBe(false)
    expect(uploader.getIds()).toEqual([])
  })

  test('remove aborts and takes off the list; it is refused while the app is still answering', async () => {
    const { uploader, transport, until } = bench({}, { confirm: () => new Promise(() => undefined) })
    const [a, b] = uploader.add([fileOf('a'), fileOf('b')])
    const one = await transport.next()
    const two = await transport.next()
    uploader.remove(a?.id)
    expect(one.aborted).toBe(true)
    expect(uploader.getIds()).toEqual([b?.id])
    two.respond()
    await until(b?.id ?? '', 'processing')
    uploader.remove(b?.id)
    expect(uploader.getIds()).toEqual([b?.id])
  })

  test('remove gives the place of what ran to the next file', async () => {
    const { uploader, transport } = bench({ concurrency: 1 })
    const [a] = uploader.add([fileOf('a'), fileOf('b')])
    await transport.next()
    uploader.remove(a?.id)
    expect((await transport.next()).request.body).toMatchObject({ fileName: 'b' })
  })

  test('clear takes off what is over and leaves what is not', async () => {
    const { uploader, transport, until } = bench({ maxSize: 5 })
    const [a, , big] = uploader.add([fileOf('a'), fileOf('b'), fileOf('c', 6)])
    ;(await transport.next()).respond()
    await until(a?.id ?? '', 'success')
    expect(big?.status).toBe('rejected')
    uploader.clear()
    expect(uploader.getItems().map(({ name }) => name)).toEqual(['b'])
  })

  test('rename changes what is sent', async () => {
    const { uploader, transport } = bench({ autoStart: false })
    const { id } = first(uploader.add(fileOf('a')))
    expect(uploader.rename(id, 'b.txt')).toBe(true)
    uploader.start()
    expect((await transport.next()).request.body).toMatchObject({ fileName: 'b.txt' })
    expect(uploader.rename(id, 'c.txt')).toBe(false)
  })

  test('rename is too late for what was granted and paused: the server holds the old name', async () => {
    const { uploader, transport } = bench()
    const { id } = first(uploader.add(fileOf('a')))
    await transport.next()
    uploader.pause(id)
    expect(uploader.rename(id, 'b')).toBe(false)
    expect(uploader.getItem(id)?.name).toBe('a')
  })

  test('a new name after a failed grant is asked for anew, not renewed under the old one', async () => {
    let refuses = false
    const refusal = new UploadError('refused', 'never', 'no')
    const { uploader, transport, backend, clock, until } = bench(
      {},
      { grant: (file) => (refuses ? { ok: false, error: refusal } : grantOf(file)) },
    )
    const { id } = first(uploader.add(fileOf('a')))
    ;(await transport.next()).fail()
    await until(id, 'error')
    refuses = true
    clock.now += 31_000
    uploader.retry(id)
    await vi.waitFor(() => expect(uploader.getItem(id)).toMatchObject({ status: 'error', step: 'prepare' }))
    refuses = false
    expect(uploader.rename(id, 'b')).toBe(true)
    uploader.retry(id)
    await transport.next()
    expect(backend.calls.at(-1)).toMatchObject([{ reason: 'first', name: 'b' }])
  })

  test('a canceled file that is retried begins anew', async () => {
    const { uploader, transport, backend, until } = bench()
    const { id } = first(uploader.add(fileOf('a')))
    await transport.next()
    uploader.cancel(id)
    uploader.retry(id)
    ;(await transport.next()).respond()
    await until(id, 'success')
    expect(backend.calls[1]).toMatchObject([{ reason: 'first' }])
  })

  test('destroy aborts everything and later commands do nothing', async () => {
    const { uploader, transport } = bench()
    const settled = uploader.add(fileOf('a')) && uploader.whenSettled()
    const sent = await transport.next()
    uploader.destroy()
    expect(sent.aborted).toBe(true)
    expect(await settled).toMatchObject({ canceled: [{ name: 'a' }] })
    expect(uploader.add(fileOf('b'))).toEqual([])
  })

  test('after destroy nobody waits, and no folder is walked on', async () => {
    const { uploader, transport } = bench({ resume: memoryResumeStore() })
    uploader.add(fileOf('a'))
    await transport.next()
    const left = vi.fn()
    async function* walk(): AsyncGenerator<FileBatch> {
      try {
        yield { files: [fileOf('b')], unreadable: [] }
        const error = new UploadError('file-unreadable', 'never', 'no')
        for (;;) yield { files: [], unreadable: [{ path: 'c', error }] }
      } finally {
        left()
      }
    }
    uploader.destroy()
    expect(await uploader.whenSettled()).toMatchObject({ canceled: [{ name: 'a' }] })
    expect(await uploader.addFrom(walk())).toEqual([])
    expect(left).toHaveBeenCalledOnce()
    expect(await uploader.restore()).toEqual([])
    expect(uploader.getItems()).toHaveLength(1)
  })
})

describe('waiting for the end', () => {
  test('whenSettled gives each file its outcome and never rejects', async () => {
    const { uploader, transport } = bench({ maxSize: 5 })
    const items = uploader.add([fileOf('a'), fileOf('b'), fileOf('c'), fileOf('d', 6)])
    const settled = uploader.whenSettled()
    ;(await transport.next()).respond()
    ;(await transport.next()).fail()
    uploader.cancel(items[2]?.id)
    const outcome = await settled
    expect(
      Object.values(outcome).map((group: readonly { name: string }[]) => group.map(({ name }) => name)),
    ).toEqual([['a'], ['b'], ['c'], ['d']])
  })

  test('a removed file does not keep anyone waiting', async () => {
    const { uploader } = bench({ autoStart: false })
    const { id } = first(uploader.add(fileOf('a')))
    const settled = uploader.whenSettled([id])
    uploader.remove(id)
    expect((await settled).canceled).toHaveLength(1)
  })

  test('nothing to wait for is settled at once', async () => {
    expect(await bench().uploader.whenSettled()).toEqual({
      succeeded: [],
      failed: [],
      canceled: [],
      rejected: [],
    })
  })

  test('onSettled comes once, when nothing goes on any more', async () => {
    const onSettled = vi.fn<() => void>()
    const { uploader, transport, until } = bench({ onSettled })
    const [a, b] = uploader.add([fileOf('a'), fileOf('b')])
    ;(await transport.next()).respond()
    await until(a?.id ?? '', 'success')
    expect(onSettled).not.toHaveBeenCalled()
    ;(await transport.next()).respond()
    await until(b?.id ?? '', 'success')
    expect(onSettled).toHaveBeenCalledTimes(1)
  })

  test('onSettled comes too when the last one that goes on is taken off the list', async () => {
    const onSettled = vi.fn()
    const { uploader, transport } = bench({ onSettled })
    const { id } = first(uploader.add(fileOf('a')))
    await transport.next()
    uploader.remove(id)
    expect(onSettled).toHaveBeenCalledExactlyOnceWith([])
  })

  test('onSuccess and onError get the whole item', async () => {
    const onSuccess = vi.fn<() => void>()
    const onError = vi.fn<() => void>()
    const { uploader, transport, until } = bench({ onSuccess, onError })
    const [a, b] = uploader.add([fileOf('a'), fileOf('b')])
    ;(await transport.next()).respond()
    ;(await transport.next()).fail()
    const won = await until(a?.id ?? '', 'success')
    const lost = await until(b?.id ?? '', 'error')
    expect(onSuccess).toHaveBeenCalledWith(won)
    expect(onError).toHaveBeenCalledWith(expect.objectContaining({ code: 'network' }), lost)
  })
})

describe('upload(), for one file', () => {
  test('resolves with where it is and what the app said, even where nothing starts by itself', async () => {
    const { uploader, transport } = bench({ autoStart: false }, { confirm: () => 42 })
    const result = uploader.upload(fileOf('a'))
    const key = `${first(uploader.getIds())}/a`
    ;(await transport.next()).respond({ status: 201, text: createdAs(key) })
    expect(await result).toMatchObject({ name: 'a', result: 42, stored: { key } })
  })

  test('rejects with the reason', async () => {
    const { uploader, transport } = bench({ maxSize: 5 })
    await expect(uploader.upload(fileOf('big', 6))).rejects.toMatchObject({
      code: 'file-too-large',
      limit: 5,
      actual: 6,
    })
    const failing = uploader.upload(fileOf('a'))
    ;(await transport.next()).fail()
    await expect(failing).rejects.toMatchObject({ code: 'network' })
  })

  test('its signal cancels', async () => {
    const { uploader, transport } = bench()
    const controller = new AbortController()
    const result = uploader.upload(fileOf('a'), { signal: controller.signal })
    const sent = await transport.next()
    controller.abort()
    await expect(result).rejects.toMatchObject({ code: 'aborted' })
    expect(sent.aborted).toBe(true)
  })

  test('a signal that has aborted before adds nothing, and rejects in the same way', async () => {
    const { uploader } = bench()
    const reason = new Error('no more')
    const result = uploader.upload(fileOf('a'), { signal: AbortSignal.abort(reason) })
    await expect(result).rejects.toMatchObject({ name: 'UploadError', code: 'aborted', cause: reason })
    expect(uploader.getItems()).toEqual([])
  })
})
