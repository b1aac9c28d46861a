/** What the cases are written with: one bucket of one S3, and the usual ways to talk to it. */
import { createHash } from 'node:crypto'

import type {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CORSRule,
  ListPartsCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  GetObjectCommandInput,
  HeadObjectCommandInput,
  HeadObjectCommandOutput,
} from '@aws-sdk/client-s3'
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketCorsCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketCorsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutBucketCorsCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { vi } from 'vitest'

import type { S3Credentials } from '../../src/s3/credentials.ts'
import type { Field, FileDraft, PolicyDraft } from './form.ts'
import { encodeForm, signForm } from './form.ts'
import type { Outgoing, Reply } from './http.ts'
import { send } from './http.ts'

/** An S3 to try. Its URLs are path-style. */
export interface S3Target {
  readonly endpoint: string
  readonly region: string
  readonly credentials: S3Credentials
  /** A bucket to work in, whose CORS rules may be replaced for the time. Default: a new one, removed at the end. */
  readonly bucket?: string
  /** Temporary credentials with the same rights. Without them the cases about sessions are skipped. */
  readonly session?: S3Credentials
  close?(): Promise<void>
}

export const data = Buffer.from('hello, direct upload\n')
/** The smallest part that may be followed by another. */
export const minPart = 5 * 1024 * 1024

/** Origin that the bucket's rules name. */
export const origin = 'http://app.example.test:3000'
export const corsRules: CORSRule[] = [
  {
    AllowedOrigins: [origin, 'https://*.wild.test'],
    AllowedMethods: ['POST', 'PUT', 'GET', 'HEAD'],
    AllowedHeaders: ['*'],
    ExposeHeaders: ['ETag', 'x-amz-checksum-sha256'],
    MaxAgeSeconds: 600,
  },
  {
    AllowedOrigins: ['https://strict.test', '*'],
    AllowedMethods: ['GET', 'PUT'],
    AllowedHeaders: ['content-type', 'x-amz-*'],
  },
]

/** What `getSignedUrl` takes, but for the seconds, which are 600. */
export type PresignOptions = Partial<Parameters<typeof getSignedUrl>[2]>

export interface PostDraft extends PolicyDraft {
  /** `null` sends none. */
  readonly file?: Partial<FileDraft> | null
  /** Changes the fields after signing. */
  readonly change?: (fields: Field[]) => Field[]
  readonly after?: readonly Field[]
  readonly headers?: Outgoing['headers']
  readonly chunked?: boolean
  /** Posted to, if not the bucket. */
  readonly url?: string
}

export type S3 = Awaited<ReturnType<typeof openS3>>
type Command =
  | AbortMultipartUploadCommand
  | CompleteMultipartUploadCommand
  | CopyObjectCommand
  | DeleteObjectCommand
  | GetObjectCommand
  | HeadObjectCommand
  | ListPartsCommand
  | PutBucketCorsCommand
  | PutObjectCommand
  | UploadPartCommand
  | UploadPartCopyCommand

export async function openS3(target: S3Target) {
  const { endpoint, region, credentials } = target
  const base = { endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 }
  const options = { ...base, requestChecksumCalculation: 'WHEN_REQUIRED' } as const
  const client = new S3Client(options)
  /** As an SDK client is without options: it adds checksums of its own. */
  const eager = new S3Client(base)
  const bucket = target.bucket ?? `conformance-${Date.now().toString(36)}-${process.pid}`
  const url = `${endpoint.replace(/\/$/, '')}/${bucket}`
  const { made, rules } = await prepareBucket(client, bucket)

  const preflight = (from: string, method: string, headers?: string, path = ''): Promise<Reply> =>
    send('OPTIONS', url + path, {
      headers: {
        origin: from,
        'access-control-request-method': method,
        ...(headers && { 'access-control-request-headers': headers }),
      },
    })
  /** Sets the rules, and waits until they count: R2 takes up to 30 s. */
  const setCors = async (to: CORSRule[] | undefined): Promise<void> => {
    await (to
      ? client.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules: to } }))
      : client.send(new DeleteBucketCorsCommand({ Bucket: bucket })))
    const counts = (await preflight(origin, 'PUT')).status < 300
    if (counts === (to === corsRules)) return
    await vi.waitUntil(async () => (await preflight(origin, 'PUT')).status < 300 === (to === corsRules), {
      timeout: 60_000,
      interval: 500,
    })
  }
  await setCors(corsRules)

  return {
    ...target,
    bucket,
    url,
    options,
    client,
    eager,
    preflight,
    setCors,
    /** The presigned URL of a command, for 600 s. */
    presign: (command: Command, more: PresignOptions = {}, by = client): Promise<string> =>
      getSignedUrl(by, command as PutObjectCommand, { expiresIn: 600, ...more }),
    /** An SDK call's status, and the error's code if it is one. */
    async attempt(command: Command, by = client): Promise<string> {
      try {
        const { $metadata } = await by.send(command as PutObjectCommand) // the overloads of `send` take no union
        return `${$metadata.httpStatusCode}`
      } catch (error) {
        if (!(error instanceof S3ServiceException)) throw error
        return `${error.$metadata.httpStatusCode} ${error.name}`
      }
    },
    put: (key: string, body: Buffer = data) =>
      client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body })),
    head: (key: string, input: Partial<HeadObjectCommandInput> = {}): Promise<HeadObjectCommandOutput> =>
      client.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ...input })),
    /** The object's bytes. */
    async read(key: string, input: Partial<GetObjectCommandInput> = {}): Promise<Buffer> {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...input }))
      return Buffer.from((await Body?.transformToByteArray()) ?? [])
    },
    remove: (key: string) => client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })),
    /** Whether there is such an object. */
    async has(key: string): Promise<boolean> {
      const list = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: key }))
      return list.Contents?.some(({ Key }) => Key === key) ?? false
    },
    /** Signs a form, changes it if told to, and posts it. */
    async post(draft: PostDraft): Promise<Reply> {
      const { change = (same) => same, headers, chunked = false } = draft
      const fields = change(await signForm(draft, { bucket, region, credentials }))
      const file = draft.file === null ? undefined : { bytes: data, ...draft.file }
      const form = encodeForm(fields, file, draft.after)
      return send('POST', draft.url ?? url, {
        body: form.body,
        headers: { ...form.headers, ...headers },
        chunked,
      })
    },
    /** Removes what the cases left, and the bucket if it was made for them. */
    async close(): Promise<void> {
      await empty(client, bucket, made ? '' : 'conformance/')
      if (made) await client.send(new DeleteBucketCommand({ Bucket: bucket }))
      else if (rules)
        await client.send(
          new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules: rules } }),
        )
      else await client.send(new DeleteBucketCorsCommand({ Bucket: bucket }))
      client.destroy()
      eager.destroy()
      await target.close?.()
    },
  }
}

async function prepareBucket(client: S3Client, bucket: string) {
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket }))
  } catch {
    await client.send(new CreateBucketCommand({ Bucket: bucket }))
    return { made: true, rules: undefined }
  }
  try {
    const { CORSRules } = await client.send(new GetBucketCorsCommand({ Bucket: bucket }))
    return { made: false, rules: CORSRules }
  } catch {
    return { made: false, rules: undefined } // 404 NoSuchCORSConfiguration
  }
}

async function empty(client: S3Client, bucket: string, prefix: string): Promise<void> {
  const where = { Bucket: bucket, Prefix: prefix }
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand(where))
  for (const { Key, UploadId } of Uploads)
    await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }))
  for (;;) {
    const { Contents = [] } = await client.send(new ListObjectsV2Command(where))
    if (Contents.length === 0) return
    const Objects = Contents.map(({ Key }) => ({ Key }))
    await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }))
  }
}

export const md5 = (bytes: Buffer, encoding: 'base64' | 'hex' = 'base64'): string =>
  createHash('md5').update(bytes).digest(encoding)
