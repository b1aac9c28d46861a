/** `s3-upload-kit s3`: a local S3 until Ctrl-C. */
import { parseArgs } from 'node:util'

import { startS3Server, type CorsRuleInput, type S3ServerOptions } from '../testing/s3-server/index.ts'
import { UsageError } from './usage-error.ts'

/** What the command takes, for `--help`. */
export const s3Help: string = `  s3    Start a strict local S3 for development. Ctrl-C stops it.
    --port N            port to listen on (default 9100; 0 takes any free one)
    --host ADDRESS      address to listen on (default 127.0.0.1)
    --directory DIR     keep objects in this folder (default: in memory, gone when it stops)
    --bucket NAME       create this bucket; may be given several times
    --cors-origin URL   let pages of this origin use the buckets; may be given several times
    --region NAME       region that signatures must name (default us-east-1)
    --dialect aws|r2    which store to play (default aws)
    --unsigned-headers refused|named|taken
                        treatment of x-amz-* headers that nobody signed (default refused)
    --control           open /_control/faults, /_control/log and /_control/snapshot to this machine
    --json              print one line of JSON when ready

    Credentials are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or local / local-secret without them.`

/** @throws UsageError for a wrong command line, Error if the port is taken */
export async function s3Command(args: readonly string[]): Promise<void> {
  const options = parse(args)
  const environment = fromEnvironment()
  const server = await startS3Server({ ...options.server, ...environment })
  try {
    const cors = options.origins.length > 0 ? [corsRule(options.origins)] : undefined
    for (const bucket of options.buckets) await server.createBucket(bucket, cors && { cors })
  } catch (error) {
    await server.close()
    throw error
  }
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
  // Not before: whoever reads that it is ready may stop it at once.
  announce(server, options, environment.credentials === undefined)
  await stopped
  await server.close()
}

interface S3CommandOptions {
  readonly server: S3ServerOptions
  readonly buckets: readonly string[]
  readonly origins: readonly string[]
  readonly json: boolean
}

function parse(args: readonly string[]): S3CommandOptions {
  const values = parseValues(args)
  const port = Number(values.port)
  if (!/^\d+$/.test(values.port) || port > 65_535) throw new UsageError(`--port ${values.port} is no port.`)
  const { dialect } = values
  if (dialect !== 'aws' && dialect !== 'r2')
    throw new UsageError(`--dialect ${dialect} is neither aws nor r2.`)
  const unsignedHeaders = values['unsigned-headers']
  if (unsignedHeaders !== 'refused' && unsignedHeaders !== 'named' && unsignedHeaders !== 'taken')
    throw new UsageError(`--unsigned-headers ${unsignedHeaders} is none of refused, named and taken.`)
  for (const origin of values['cors-origin']) {
    if (origin !== '*' && (!URL.canParse(origin) || new URL(origin).origin !== origin)) {
      throw new UsageError(
        `--cors-origin ${origin} is no origin, which is scheme://host[:port] and nothing behind.`,
      )
    }
  }
  return {
    server: {
      port,
      host: values.host,
      region: values.region,
      dialect,
      unsignedHeaders,
      control: values.control,
      ...(values.directory !== undefined && { directory: values.directory }),
    },
    buckets: values.bucket,
    origins: values['cors-origin'],
    json: values.json,
  }
}

function parseValues(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: '9100' },
        host: { type: 'string', default: '127.0.0.1' },
        directory: { type: 'string' },
        bucket: { type: 'string', multiple: true, default: [] },
        'cors-origin': { type: 'string', multiple: true, default: [] },
        region: { type: 'string', default: 'us-east-1' },
        dialect: { type: 'string', default: 'aws' },
        'unsigned-headers': { type: 'string', default: 'refused' },
        control: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    }).values
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : 'The options are wrong.', { cause })
  }
}

function fromEnvironment(): Pick<S3ServerOptions, 'credentials'> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env
  return accessKeyId && secretAccessKey ? { credentials: [{ accessKeyId, secretAccessKey }] } : {}
}

function corsRule(allowedOrigins: readonly string[]): CorsRuleInput {
  return {
    allowedOrigins,
    allowedMethods: ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'],
    allowedHeaders: ['*'],
    exposeHeaders: ['ETag', 'Location', 'x-amz-request-id', 'x-amz-checksum-crc64nvme'],
    maxAgeSeconds: 3_000,
  }
}

/** Prints a secret only where it is the published default; one from the environment stays there. */
function announce(
  server: Awaited<ReturnType<typeof startS3Server>>,
  options: S3CommandOptions,
  isDefault: boolean,
): void {
  const { endpoint, region, credentials } = server
  const secret = isDefault ? { secretAccessKey: credentials.secretAccessKey } : {}
  if (options.json) {
    const { buckets } = options
    console.log(
      JSON.stringify({ endpoint, region, buckets, accessKeyId: credentials.accessKeyId, ...secret }),
    )
    return
  }
  console.log(`Local S3 at ${endpoint}, region ${region}`)
  console.log(
    `  access key ${credentials.accessKeyId}${isDefault ? `, secret ${credentials.secretAccessKey}` : ''}`,
  )
  console.log(
    `  objects ${options.server.directory === undefined ? 'in memory' : `in ${options.server.directory}`}`,
  )
  for (const bucket of options.buckets) console.log(`  bucket ${endpoint}/${bucket}`)
}
