/** What the demo's command line and the environment say. */
import { parseArgs } from 'node:util'

import type { Accept } from '../src/protocol/accept.ts'
import type { S3Credentials } from '../src/s3/credentials.ts'
import { storeCapabilities } from '../src/server/index.ts'

/** Where the demo keeps its files: our own S3, or a real one. */
export type DemoStore =
  | { kind: 'local'; directory: string; bucket: string; region: string; port: number }
  | {
      kind: 'remote'
      endpoint: string
      bucket: string
      region: string
      credentials: S3Credentials
      forcePathStyle: boolean
      preset?: StoreName
    }

type Transport = 'auto' | 'post' | 'put' | 'multipart'
const transports: readonly string[] = ['auto', 'post', 'put', 'multipart'] satisfies Transport[]
const isTransport = (text: string): text is Transport => transports.includes(text)

/** A store whose capabilities are known by name. */
export type StoreName = keyof typeof storeCapabilities
const isStoreName = (text: string): text is StoreName => Object.hasOwn(storeCapabilities, text)

/** See {@link readOptions}. */
export interface DemoOptions {
  store: DemoStore
  /** Print one line of JSON when ready. */
  json: boolean
  /** First port to try for the page. */
  port: number
  /** What the signer takes; the page asks it. */
  rules: { maxSize: number; accept?: Accept; transport?: Transport; multipartFrom?: number }
}

const usage = `npm run demo -- [--json] [--port N] [--s3-port N] [--data DIR] [--max-size BYTES] [--accept TYPES]
                [--transport auto|post|put|multipart] [--multipart-from BYTES]
npm run demo -- --endpoint URL --bucket NAME --region REGION [--path-style]
                [--preset aws|r2|b2|minio|ceph]
  (credentials from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, if need be, AWS_SESSION_TOKEN)`

/** @throws Error with how to call it, if the arguments make no sense */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      port: { type: 'string', default: '5173' },
      's3-port': { type: 'string', default: '9000' },
      data: { type: 'string', default: '.s3-upload-kit/demo' },
      'max-size': { type: 'string', default: '5000000000' },
      accept: { type: 'string' },
      transport: { type: 'string', default: 'auto' },
      'multipart-from': { type: 'string' },
      endpoint: { type: 'string' },
      bucket: { type: 'string' },
      region: { type: 'string' },
      'path-style': { type: 'boolean', default: false },
      preset: { type: 'string' },
    },
  })
  const { json, endpoint, bucket, region } = values
  const { transport, 'multipart-from': multipartFrom } = values
  if (!isTransport(transport)) throw new Error(`--transport takes one of ${transports.join(', ')}.\n${usage}`)
  const common = {
    json,
    port: wholeNumber('--port', values.port),
    rules: {
      maxSize: wholeNumber('--max-size', values['max-size']),
      ...(values.accept && { accept: acceptOf(values.accept) }),
      transport,
      ...(multipartFrom && { multipartFrom: wholeNumber('--multipart-from', multipartFrom) }),
    },
  }
  if (endpoint === undefined) {
    const port = wholeNumber('--s3-port', values['s3-port'])
    const local = { bucket: bucket ?? 'demo', region: region ?? 'us-east-1', port, directory: values.data }
    return { ...common, store: { kind: 'local', ...local } }
  }
  if (!bucket || !region) throw new Error(`--endpoint also needs --bucket and --region.\n${usage}`)
  const credentials = credentialsOf(env)
  const forcePathStyle = values['path-style']
  const { preset } = values
  if (preset !== undefined && !isStoreName(preset))
    throw new Error(`--preset takes one of ${Object.keys(storeCapabilities).join(', ')}.\n${usage}`)
  const store = { kind: 'remote', endpoint, bucket, region, credentials, forcePathStyle } as const
  return { ...common, store: { ...store, ...(preset && { preset }) } }
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0)
    throw new Error(`${name} takes a whole number, not "${text}".\n${usage}`)
  return number
}

function credentialsOf(env: NodeJS.ProcessEnv): S3Credentials {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: token,
  } = env
  if (!accessKeyId || !secretAccessKey)
    throw new Error(
      `A real S3 needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment.\n${usage}`,
    )
  return { accessKeyId, secretAccessKey, ...(token && { sessionToken: token }) }
}

/** `image/*,application/pdf` as the object form. */
const acceptOf = (types: string): Accept =>
  Object.fromEntries(types.split(',').map((type) => [type.trim(), []]))
