/** Credentials from a function and from the environment, and when they are asked for. */
import { afterEach, describe, expect, test, vi } from 'vitest'

import type { SignerCredentials } from '../../src/server/index.ts'
import { createCredentials } from '../../src/server/storage/credential-source.ts'
import { aFile, call, credentials, makeHandler, post, sign, start, storage, url } from './support.ts'

const minute = 60_000
const provider = (expiration?: Date) =>
  vi.fn<() => Promise<SignerCredentials>>(async () => ({ ...credentials, ...(expiration && { expiration }) }))

describe('a function is asked', () => {
  test('once for calls that come together', async () => {
    const source = provider()
    const ask = createCredentials(source, 'it')
    const [one, other] = await Promise.all([ask(start), ask(start)])
    expect(one).toBe(other)
    expect(source).toHaveBeenCalledOnce()
  })

  test.each<[what: string, expiration: number | undefined, at: number, times: number]>([
    ['not before 5 minutes', undefined, 5 * minute - 1, 1],
    ['after 5 minutes', undefined, 5 * minute, 2],
    ['after 5 minutes, however long they live', 60 * minute, 5 * minute, 2],
    ['not while they live', 3 * minute, 2 * minute - 1, 1],
    ['a minute before they end', 3 * minute, 2 * minute, 2],
    ['at each call where they end within a minute', minute, 1, 2],
    ['when the clock was set back', undefined, -1, 2],
  ])('%s', async (_what, lives, at, times) => {
    const source = provider(lives === undefined ? undefined : new Date(start + lives))
    const ask = createCredentials(source, 'it')
    await ask(start)
    await ask(start + at)
    expect(source).toHaveBeenCalledTimes(times)
  })

  test('again at the next call after it failed', async () => {
    const source = provider().mockRejectedValueOnce(new Error('no role'))
    const ask = createCredentials(source, 'it')
    await expect(ask(start)).rejects.toThrow('no role')
    await expect(ask(start)).resolves.toEqual(credentials)
  })

  test('again at the next call after it gave none', async () => {
    const source = provider().mockResolvedValueOnce({ accessKeyId: '', secretAccessKey: 'b' })
    const ask = createCredentials(source, 'it')
    await expect(ask(start)).rejects.toThrow('it.accessKeyId')
    await expect(ask(start)).resolves.toEqual(credentials)
  })

  test('and calls that come together all learn that it gave none', async () => {
    const source = provider().mockResolvedValueOnce({ accessKeyId: '', secretAccessKey: 'b' })
    const ask = createCredentials(source, 'it')
    const [one, other] = [ask(start), ask(start)]
    await expect(one).rejects.toThrow('it.accessKeyId')
    await expect(other).rejects.toThrow('it.accessKeyId')
  })

  test('anew where its answer does not come within 10 seconds, which ends the calls that wait for it', async () => {
    vi.useFakeTimers()
    const source = provider().mockReturnValueOnce(new Promise(() => undefined))
    const ask = createCredentials(source, 'it')
    const failure = ask(start).catch(String)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await failure).toContain('it() gave no credentials within 10 seconds')
    vi.useRealTimers()
    await expect(ask(start + 10_000)).resolves.toEqual(credentials)
  })

  test('in vain while what it gave is good: that is used, and the app is told', async () => {
    const source = provider(new Date(start + 60 * minute))
    const ask = createCredentials(source, 'it')
    const given = await ask(start)
    const tell = vi.fn<(error: unknown) => void>()
    source.mockRejectedValueOnce(new Error('IMDS timeout'))
    expect(await ask(start + 5 * minute, tell)).toBe(given)
    expect(tell).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ message: 'IMDS timeout' }))
    await ask(start + 5 * minute + 1)
    expect(source).toHaveBeenCalledTimes(3)
    source.mockRejectedValueOnce(new Error('IMDS timeout'))
    await expect(ask(start + 60 * minute, tell)).rejects.toThrow('IMDS timeout')
  })

  test('and a late failure does not end what came after it', async () => {
    let fail = (_error: Error): void => undefined
    const source = provider().mockReturnValueOnce(new Promise((_, reject) => (fail = reject)))
    const ask = createCredentials(source, 'it')
    const first = ask(start)
    await ask(start + 10_000)
    fail(new Error('late'))
    await expect(first).rejects.toThrow('late')
    await ask(start + 10_001)
    expect(source).toHaveBeenCalledTimes(2)
  })

  test('once for a whole burst of calls to the handler', async () => {
    const source = provider()
    const handler = makeHandler({ storage: { ...storage, credentials: source } })
    await sign(handler, aFile())
    await sign(handler, aFile())
    expect(source).toHaveBeenCalledOnce()
  })
})

describe('the environment', () => {
  const full = {
    AWS_REGION: 'eu-west-3',
    AWS_DEFAULT_REGION: undefined,
    AWS_ACCESS_KEY_ID: 'AKIAENV',
    AWS_SECRET_ACCESS_KEY: 'env-secret',
    AWS_SESSION_TOKEN: undefined,
  }
  const setUp = (changes: Record<string, string | undefined> = {}): void => {
    for (const [name, value] of Object.entries({ ...full, ...changes })) vi.stubEnv(name, value)
  }
  afterEach(() => {
    vi.unstubAllEnvs()
  })
  const onError = vi.fn<(error: unknown) => void>()
  const make = () => makeHandler({ storage: { bucket: 'uploads' }, onError })

  test('gives region and credentials', async () => {
    setUp()
    const [verdict] = await sign(make(), aFile())
    const text = JSON.stringify(verdict)
    expect(text).toContain('https://uploads.s3.eu-west-3.amazonaws.com')
    expect(text).toContain('AKIAENV/20261120/eu-west-3/s3/aws4_request')
  })

  test('is read when a call comes: a build imports the module without secrets', async () => {
    setUp(Object.fromEntries(Object.keys(full).map((name) => [name, undefined])))
    const handler = make()
    setUp()
    const [verdict] = await sign(handler, aFile())
    expect(verdict?.ok).toBe(true)
  })

  test('may change while the server runs', async () => {
    setUp()
    const handler = make()
    await sign(handler, aFile())
    setUp({ AWS_ACCESS_KEY_ID: 'AKIANEW' })
    expect(JSON.stringify(await sign(handler, aFile()))).toContain('AKIANEW/')
  })

  test('may call the region AWS_DEFAULT_REGION', async () => {
    setUp({ AWS_REGION: undefined, AWS_DEFAULT_REGION: 'eu-west-2' })
    expect(JSON.stringify(await sign(make(), aFile()))).toContain('/eu-west-2/s3/')
  })

  test.each([
    ['AWS_REGION', undefined],
    ['AWS_REGION', ''],
    ['AWS_ACCESS_KEY_ID', ''],
    ['AWS_ACCESS_KEY_ID', 'undefined'],
    ['AWS_SECRET_ACCESS_KEY', undefined],
  ])('without %s (%s): the log names it', async (name, value) => {
    setUp({ [name]: value })
    onError.mockClear()
    const { status: ofLimits } = await call(make(), new Request(url))
    expect(ofLimits).toBe(200)
    const { status, text } = await call(make(), post({ v: 1, action: 'sign', files: [aFile()] }))
    expect(status).toBe(500)
    expect(text).not.toContain('AWS_')
    expect(onError.mock.lastCall?.[0]).toBeInstanceOf(TypeError)
    expect(String(onError.mock.lastCall?.[0])).toContain(`The environment variable ${name} is not set.`)
  })

  test('gives no way out for what is passed as undefined', () => {
    setUp()
    for (const option of ['region', 'credentials'])
      expect(() => makeHandler({ storage: Object.assign({ bucket: 'b' }, { [option]: undefined }) })).toThrow(
        `storage.${option} must be`,
      )
  })
})
