import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { afterEach, describe, expect, test } from 'vitest'

import { createSigner } from '../../src/s3/sigv4.ts'

const main = join(import.meta.dirname, '../../src/cli/main.ts')
const running: ChildProcess[] = []
const run = (args: string[], environment: Record<string, string> = {}) => {
  const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...clean } = process.env
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...clean, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.push(child)
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const ended = once(child, 'close').then(([code]: unknown[]) => ({ code, out, err }))
  return { child, ended, line: async () => String((await once(createInterface(child.stdout), 'line'))[0]) }
}
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

describe('s3-upload-kit s3', () => {
  test('starts, says where, serves, and stops on Ctrl-C', async () => {
    const { child, ended, line } = run([
      's3',
      '--port',
      '0',
      '--json',
      '--bucket',
      'one',
      '--bucket',
      'two',
      '--cors-origin',
      'http://localhost:5173',
    ])
    const ready: unknown = JSON.parse(await line())
    expect(ready).toMatchObject({
      region: 'us-east-1',
      buckets: ['one', 'two'],
      accessKeyId: 'local',
      secretAccessKey: 'local-secret',
    })
    const { endpoint } = ready as { endpoint: string }
    const preflight = (origin: string) =>
      fetch(`${endpoint}/two/key`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'PUT',
          'access-control-request-headers': 'content-type',
        },
      })
    expect((await preflight('http://localhost:5173')).status).toBe(200)
    expect((await preflight('http://evil.test')).status).toBe(403)
    child.kill('SIGINT')
    expect(await ended).toMatchObject({ code: 0 })
    await expect(fetch(endpoint)).rejects.toThrow('fetch failed')
  })

  test('takes credentials from the environment and never prints the secret', async () => {
    const { child, ended, line } = run(['s3', '--port', '0'], {
      AWS_ACCESS_KEY_ID: 'mine',
      AWS_SECRET_ACCESS_KEY: 'hush-hush',
    })
    expect(await line()).toMatch(/^Local S3 at http:\/\/127\.0\.0\.1:\d+, region us-east-1$/)
    child.kill('SIGTERM')
    const { out, err, code } = await ended
    expect(code).toBe(0)
    expect(out).toContain('access key mine')
    expect(out + err).not.toContain('hush-hush')
  })

  test('--unsigned-headers taken stores headers that nobody signed', async () => {
    const { child, line } = run([
      's3',
      '--port',
      '0',
      '--json',
      '--bucket',
      'one',
      '--unsigned-headers',
      'taken',
    ])
    const { endpoint } = JSON.parse(await line()) as { endpoint: string }
    const signer = createSigner({
      credentials: { accessKeyId: 'local', secretAccessKey: 'local-secret' },
      region: 'us-east-1',
    })
    const { url } = await signer.presign({ method: 'PUT', url: `${endpoint}/one/a`, expiresIn: 60 })
    const headers = { 'x-amz-acl': 'public-read' }
    expect((await fetch(url, { method: 'PUT', headers, body: 'abc' })).status).toBe(200)
    expect(await (await fetch(`${endpoint}/one/a`)).text()).toBe('abc')
    child.kill('SIGINT')
  })

  test.each<[args: string[], message: string]>([
    [['nonsense'], 'There is no command nonsense.'],
    [['toString'], 'There is no command toString.'],
    [['s3', '--port', 'x'], '--port x is no port.'],
    [['s3', '--nonsense'], "Unknown option '--nonsense'"],
    [['s3', '--dialect', 'gcs'], '--dialect gcs is neither aws nor r2.'],
    [['s3', '--unsigned-headers', 'x'], '--unsigned-headers x is none of refused, named and taken.'],
    [['s3', '--cors-origin', 'http://localhost:5173/'], '--cors-origin http://localhost:5173/ is no origin'],
    [['s3', '--port', '0', '--bucket', 'No'], 'The specified bucket is not valid.'],
  ])('%j', async (args, message) => {
    const { code, err } = await run(args).ended
    expect(code).toBe(1)
    expect(err).toContain(message)
    expect(err).not.toContain('    at ')
  })

  test('--help', async () => {
    const { code, out } = await run(['--help']).ended
    expect(code).toBe(0)
    expect(out).toContain('--cors-origin')
  })
})
