/** The app's own checks of files that the rules took: at once or later, per file, for the batch, of duplicates. */
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'

import type { UploadItem, UploadStatus, Verdict } from '../../../src/core/index.ts'
import { bench, eventually, fileOf, first, loadChunks, quiet } from '../../support/engine.ts'

beforeAll(loadChunks)

const statusesOf = (items: readonly UploadItem[]): UploadStatus[] => items.map(({ status }) => status)

describe('validator', () => {
  test('one that answers at once decides at once, file by file', () => {
    const { uploader } = bench({
      autoStart: false,
      validator: ({ name }) => (name === 'bad' ? 'Not this one.' : undefined),
    })
    const items = uploader.add([fileOf('bad'), fileOf('good')])
    expect(items).toMatchObject([
      {
        name: 'bad',
        status: 'rejected',
        errors: [{ code: 'vetoed', reason: 'Not this one.', file: { name: 'bad', size: 4 } }],
      },
      { name: 'good', status: 'queued' },
    ])
  })

  test.each<[string, Verdict, UploadStatus]>([
    ['nothing', undefined, 'queued'],
    ['null', null, 'queued'],
    ['true', true, 'queued'],
    ['an empty text', '', 'queued'],
    ['a text', 'no', 'rejected'],
    ['false', false, 'rejected'],
  ])('%s', (_what, verdict, status) => {
    const { uploader } = bench({ autoStart: false, validator: () => verdict })
    expect(statusesOf(uploader.add(fileOf('a')))).toEqual([status])
  })

  test('one that throws refuses its file with the error’s words', () => {
    const { uploader } = bench({
      autoStart: false,
      validator: () => {
        throw new Error('The header is broken.')
      },
    })
    expect(first(uploader.add(fileOf('a')))).toMatchObject({
      status: 'rejected',
      errors: [{ code: 'vetoed', reason: 'The header is broken.' }],
    })
  })

  test('one that answers later keeps its file queued until then; the others go', async () => {
    const answers = new Map<string, (verdict: Verdict) => void>()
    const onRejected = vi.fn()
    const { uploader, transport, backend, until } = bench({
      onRejected,
      validator: ({ name }) =>
        name === 'quick' ? undefined : new Promise<Verdict>((resolve) => void answers.set(name, resolve)),
    })
    const [bad, good, quick] = uploader.add([fileOf('bad'), fileOf('good'), fileOf('quick')])
    ;(await transport.next()).respond()
    await until(quick?.id ?? '', 'success')
    expect(uploader.getCounts()).toMatchObject({ queued: 2, success: 1 })
    expect(backend.calls.flat().map(({ name }) => name)).toEqual(['quick'])
    answers.get('bad')?.('Too dark.')
    answers.get('good')?.(true)
    const rejected = await until(bad?.id ?? '', 'rejected')
    expect(rejected).toMatchObject({ errors: [{ code: 'vetoed', reason: 'Too dark.' }] })
    expect(onRejected).toHaveBeenCalledExactlyOnceWith([rejected])
    ;(await transport.next()).respond()
    await until(good?.id ?? '', 'success')
  })

  test('one that rejects refuses its file', async () => {
    const { uploader, until } = bench({ validator: () => Promise.reject(new Error('unreadable')) })
    const { id } = first(uploader.add(fileOf('a')))
    expect(await until(id, 'rejected')).toMatchObject({ errors: [{ reason: 'unreadable' }] })
  })

  test('a file that is refused later does not count any more', async () => {
    const { uploader, until } = bench({ autoStart: false, maxFiles: 1, validator: async () => 'no' })
    await until(first(uploader.add(fileOf('a'))).id, 'rejected')
    expect(statusesOf(uploader.add(fileOf('b')))).toEqual(['queued'])
  })

  test('with autoStart: false a verdict starts nothing, and start() before it starts then', async () => {
    let answer: ((verdict: Verdict) => void) | undefined
    const { uploader, transport, until } = bench({
      autoStart: false,
      validator: () => new Promise<Verdict>((resolve) => (answer = resolve)),
    })
    const one = first(uploader.add(fileOf('a')))
    answer?.(true)
    await quiet()
    expect(uploader.getItem(one.id)?.status).toBe('queued')
    expect(transport.requests).toEqual([])
    const two = first(uploader.add(fileOf('b')))
    uploader.start(two.id)
    await quiet()
    expect(transport.requests).toEqual([])
    answer?.(true)
    ;(await transport.next()).respond()
    await until(two.id, 'success')
  })

  const detours: readonly [string, (it: ReturnType<typeof bench>, id: string) => void][] = [
    [
      'pause and resume',
      ({ uploader }, id) => {
        uploader.pause(id)
        uploader.resume(id)
      },
    ],
    [
      'cancel and retry',
      ({ uploader }, id) => {
        uploader.cancel(id)
        uploader.retry(id)
      },
    ],
    ['prioritize', ({ uploader }, id) => uploader.prioritize(id, { preempt: true })],
  ]
  test.each(detours)('%s lead no way around a verdict that has not come', async (_what, detour) => {
    let answer: ((verdict: Verdict) => void) | undefined
    const it = bench({ validator: () => new Promise<Verdict>((resolve) => (answer = resolve)) })
    const { id } = first(it.uploader.add(fileOf('a')))
    detour(it, id)
    await quiet()
    expect(it.transport.requests).toEqual([])
    answer?.('no')
    await it.until(id, 'rejected')
    expect(it.transport.requests).toEqual([])
  })

  test('an objection that comes while the file is paused is not forgotten', async () => {
    let answer: ((verdict: Verdict) => void) | undefined
    const { uploader, transport } = bench({
      validator: () => new Promise<Verdict>((resolve) => (answer = resolve)),
    })
    const { id } = first(uploader.add(fileOf('a')))
    uploader.pause(id)
    answer?.('no')
    await quiet()
    uploader.resume(id)
    await quiet()
    expect(transport.requests).toEqual([])
    expect(uploader.getItem(id)?.status).toBe('rejected')
  })

  test('is not asked about what a rule refuses', () => {
    const validator = vi.fn(() => undefined)
    const { uploader } = bench({ autoStart: false, maxSize: 3, validator })
    uploader.add(fileOf('big', 4))
    expect(validator).not.toHaveBeenCalled()
  })
})

describe('validateBatch', () => {
  test('sees all files of one add() that the rules took; its objection holds for each of them', () => {
    const validateBatch = vi.fn((files: readonly File[]) => (files.length > 1 ? 'One at a time.' : undefined))
    const { uploader } = bench({ autoStart: false, maxSize: 10, validateBatch })
    const items = uploader.add([fileOf('a'), fileOf('b'), fileOf('big', 11)])
    expect(validateBatch.mock.calls.map(([files]) => files.map(({ name }) => name))).toEqual([['a', 'b']])
    expect(items).toMatchObject([
      { status: 'rejected', errors: [{ code: 'vetoed', reason: 'One at a time.' }] },
      { status: 'rejected', errors: [{ reason: 'One at a time.' }] },
      { status: 'rejected', errors: [{ code: 'file-too-large' }] },
    ])
    expect(statusesOf(uploader.add(fileOf('c')))).toEqual(['queued'])
  })

  test('one that answers later holds its batch back, asked once', async () => {
    let answer: ((verdict: Verdict) => void) | undefined
    const validateBatch = vi.fn(() => new Promise<Verdict>((resolve) => (answer = resolve)))
    const { uploader, transport } = bench({ validateBatch })
    uploader.add([fileOf('a'), fileOf('b')])
    await quiet()
    expect(transport.requests).toEqual([])
    answer?.(undefined)
    ;(await transport.next()).respond()
    ;(await transport.next()).respond()
    await uploader.whenSettled()
    expect(uploader.getCounts()).toMatchObject({ success: 2 })
    expect(validateBatch).toHaveBeenCalledTimes(1)
  })
})

describe('duplicates: the same name, size, date and folder', () => {
  const dated = (name: string, lastModified: number): File => new File(['four'], name, { lastModified })

  test('keep, the default: phones give every photo one name', () => {
    const { uploader } = bench({ autoStart: false })
    expect(statusesOf(uploader.add([dated('a', 1), dated('a', 1)]))).toEqual(['queued', 'queued'])
  })

  test('skip: the second one is refused, within a batch and later', () => {
    const { uploader } = bench({ autoStart: false, duplicates: 'skip' })
    const items = uploader.add([dated('a', 1), dated('a', 1), dated('a', 2), dated('b', 1)])
    expect(statusesOf(items)).toEqual(['queued', 'rejected', 'queued', 'queued'])
    expect(first(uploader.add(dated('b', 1)))).toMatchObject({
      status: 'rejected',
      errors: [{ code: 'duplicate', file: { name: 'b' } }],
    })
  })

  test('skip: what was canceled or refused is no twin', () => {
    const { uploader } = bench({ autoStart: false, duplicates: 'skip' })
    const [a] = uploader.add(dated('a', 1))
    uploader.cancel(a?.id)
    expect(statusesOf(uploader.add(dated('a', 1)))).toEqual(['queued'])
  })

  test('skip: the same name in another folder is another file', () => {
    const inFolder = (folder: string): File =>
      Object.defineProperty(dated('a', 1), 'webkitRelativePath', { value: `${folder}/a` })
    const { uploader } = bench({ autoStart: false, duplicates: 'skip' })
    const items = uploader.add([inFolder('x'), inFolder('y'), inFolder('x')])
    expect(items.map(({ relativePath, status }) => `${relativePath} ${status}`)).toEqual([
      'x/a queued',
      'x/a rejected',
      'y/a queued',
    ])
  })

  test('a function is asked with both, also later', async () => {
    const duplicates = vi.fn(async (file: File, existing: UploadItem) =>
      file.size === existing.size ? 'You have this one already.' : true,
    )
    const { uploader, until } = bench({ autoStart: false, duplicates })
    const [a] = uploader.add(dated('a', 1))
    const twin = dated('a', 1)
    const { id } = first(uploader.add(twin))
    expect(await until(id, 'rejected')).toMatchObject({
      errors: [{ code: 'duplicate', reason: 'You have this one already.' }],
    })
    expect(duplicates).toHaveBeenCalledExactlyOnceWith(twin, expect.objectContaining({ id: a?.id }))
  })

  describe('and, where the app wants it, the same content', () => {
    const holding = (text: string): File => new File([text], 'image.jpg', { lastModified: 1 })

    test('other pictures of one name, size and date are taken; the same one is not', async () => {
      const { uploader, until, transport } = bench({
        duplicates: 'skip',
        compareContent: true,
        concurrency: 9,
      })
      const [one, two, three] = uploader.add([holding('first'), holding('other'), holding('first')])
      expect(three?.status).toBe('queued') // it is not known yet
      expect(await until(three?.id ?? '', 'rejected')).toMatchObject({ errors: [{ code: 'duplicate' }] })
      for (let sent = 0; sent < 2; sent++) (await transport.next()).respond()
      expect(await uploader.whenSettled()).toMatchObject({ succeeded: [{ id: one?.id }, { id: two?.id }] })
    })

    test('later as well, and against each that looks the same', async () => {
      const { uploader, until } = bench({ autoStart: false, duplicates: 'skip', compareContent: true })
      uploader.add([holding('first'), holding('other')])
      await quiet(20)
      const again = first(uploader.add(holding('other')))
      await until(again.id, 'rejected')
      const third = first(uploader.add(holding('third')))
      await quiet(20)
      expect(uploader.getItem(third.id)?.status).toBe('queued')
    })

    test('files that do not look the same are not read', async () => {
      const read = vi.spyOn(Blob.prototype, 'arrayBuffer')
      const { uploader } = bench({ autoStart: false, duplicates: 'skip', compareContent: true })
      uploader.add([dated('a', 1), dated('a', 2), dated('b', 1)])
      await quiet(20)
      expect(read).not.toHaveBeenCalled()
    })

    test('the app is asked only about those that are', async () => {
      const duplicates = vi.fn<(file: File) => boolean>(() => true)
      const { uploader } = bench({ autoStart: false, duplicates, compareContent: true })
      const files = [holding('first'), holding('other'), holding('first')]
      uploader.add(files)
      await vi.waitFor(() => expect(duplicates).toHaveBeenCalledTimes(1))
      expect(duplicates.mock.calls[0]?.[0]).toBe(files[2])
    })

    test('one that cannot be read is left to the upload, which says why', async () => {
      const report = vi.fn<(error: unknown) => void>()
      vi.stubGlobal('reportError', report)
      onTestFinished(() => void vi.unstubAllGlobals())
      const { uploader } = bench({ autoStart: false, duplicates: 'skip', compareContent: true })
      const lost = holding('first')
      vi.spyOn(lost, 'arrayBuffer').mockRejectedValue(new DOMException('gone', 'NotReadableError'))
      vi.spyOn(lost, 'slice').mockReturnValue(lost)
      const [, item] = uploader.add([holding('first'), lost])
      await vi.waitFor(() => expect(report).toHaveBeenCalledOnce())
      expect(uploader.getItem(item?.id ?? '')?.status).toBe('queued')
    })
  })
})

test('a file that is removed while it is checked does not come back', async () => {
  let answer: ((verdict: Verdict) => void) | undefined
  const { uploader, transport } = bench({
    validator: () => new Promise<Verdict>((resolve) => (answer = resolve)),
  })
  uploader.remove(uploader.add(fileOf('a')).map(({ id }) => id))
  await eventually(() => answer !== undefined)
  answer?.(true)
  await quiet()
  expect(uploader.getIds()).toEqual([])
  expect(transport.requests).toEqual([])
})
