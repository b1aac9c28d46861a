/** Ceph RGW for tests: a real, distributed S3 that is not ours. See `scripts/rgw/cluster.sh`. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { SignatureV4 } from '@smithy/signature-v4'

import type { S3Credentials } from '../../src/s3/credentials.ts'
import { Sha256 } from '../../src/s3/sha256.ts'
import { readXmlElement } from '../../src/s3/xml.ts'

export interface Rgw {
  /** `http://127.0.0.1:PORT`; only path-style URLs work. */
  readonly endpoint: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Any region signs; buckets can be made only from this one. */
  readonly region: 'us-east-1'
  /** Temporary credentials, good for an hour; with a session policy limited to these actions. */
  assumeRole(actions?: readonly string[]): Promise<S3Credentials>
  /** Stops the daemons and removes all they stored. */
  stop(): Promise<void>
}

/** There is no Ceph here, and none can be installed. Its message says what to install: skip, and say so. */
export class RgwUnavailable extends Error {
  override readonly name = 'RgwUnavailable'
}

const keys = { accessKeyId: 'rgwtest', secretAccessKey: 'rgwtest-secret' }
const region = 'us-east-1'

/**
 * A new, empty one-node cluster on loopback, in one to three seconds; Debian's packages are installed first if they
 * are missing and this is root (half a minute). It ends with this process, however that ends.
 * @throws RgwUnavailable
 */
export async function startRgw(): Promise<Rgw> {
  if (process.platform !== 'linux') {
    throw new RgwUnavailable('Ceph RGW needs Linux, best Debian 12.')
  }
  const script = fileURLToPath(new URL('../../scripts/rgw/cluster.sh', import.meta.url))
  const cluster = spawn('bash', [script, '--install'], {
    env: { ...process.env, RGW_ACCESS_KEY: keys.accessKeyId, RGW_SECRET_KEY: keys.secretAccessKey },
  })
  const exit = once(cluster, 'exit')
  let said = ''
  cluster.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (text.includes('installing')) process.stderr.write(text)
  })
  const ready = once(createInterface(cluster.stdout), 'line').then(([line]) => String(line))
  const first = await Promise.race([ready, exit.then(([code]) => Number(code))])
  if (typeof first === 'number') {
    if (first === 69) throw new RgwUnavailable((said.trim().split('\n').at(-1) ?? '').replace(/^rgw: /, ''))
    throw new Error(`Ceph RGW did not start:\n${said}`)
  }
  const endpoint = first.replace(/^ready /, '')
  return {
    endpoint,
    region,
    ...keys,
    assumeRole: (actions) => assumeRole(endpoint, actions),
    async stop() {
      cluster.stdin.end() // the script's sign to end
      await exit
    },
  }
}

async function assumeRole(endpoint: string, actions?: readonly string[]): Promise<S3Credentials> {
  const statement = { Effect: 'Allow', Action: actions, Resource: ['arn:aws:s3:::*'] }
  const body = new URLSearchParams({
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: 'arn:aws:iam:::role/uploader',
    RoleSessionName: 'tests',
    DurationSeconds: '3600',
    ...(actions && { Policy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }) }),
  }).toString()
  const { protocol, host, hostname } = new URL(endpoint)
  const signer = new SignatureV4({ credentials: keys, region, service: 'sts', sha256: Sha256 })
  const { headers } = await signer.sign({
    method: 'POST',
    protocol,
    hostname,
    path: '/',
    headers: { host, 'content-type': 'application/x-www-form-urlencoded' },
    body,
  })
  const response = await fetch(endpoint, { method: 'POST', headers, body })
  const xml = await response.text()
  const read = (name: string): string => {
    const value = readXmlElement(xml, name)
    if (!value) throw new Error(`AssumeRole: ${response.status} ${xml}`)
    return value
  }
  return {
    accessKeyId: read('AccessKeyId'),
    secretAccessKey: read('SecretAccessKey'),
    sessionToken: read('SessionToken'),
  }
}
