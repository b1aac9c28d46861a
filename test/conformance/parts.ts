/** Multipart uploads, for the cases of several topics. */
import type {
  CompletedPart,
  CompleteMultipartUploadCommandInput,
  CreateMultipartUploadCommandInput,
} from '@aws-sdk/client-s3'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'

import type { S3 } from './client.ts'
import { minPart } from './client.ts'
import type { Reply } from './http.ts'
import { send } from './http.ts'

export type Upload = Awaited<ReturnType<typeof createUpload>>

/** Begins a multipart upload; `parts` collects what {@link uploadPart} was answered. */
export async function createUpload(
  s3: S3,
  key: string,
  input: Partial<CreateMultipartUploadCommandInput> = {},
) {
  const where = { Bucket: s3.bucket, Key: key }
  const { UploadId } = await s3.client.send(new CreateMultipartUploadCommand({ ...where, ...input }))
  const id = { ...where, UploadId }
  const parts: CompletedPart[] = []
  return {
    s3,
    id,
    parts,
    /** The answer's status and code; parts are those uploaded, in that order, if none are given. */
    complete: (
      list: CompletedPart[] = parts,
      more: Partial<CompleteMultipartUploadCommandInput> = {},
    ): Promise<string> =>
      s3.attempt(new CompleteMultipartUploadCommand({ ...id, MultipartUpload: { Parts: list }, ...more })),
    abort: (): Promise<string> => s3.attempt(new AbortMultipartUploadCommand(id)),
    list: (more: object = {}) => s3.client.send(new ListPartsCommand({ ...id, ...more })),
  }
}

/** Sends a part to a presigned URL, as a browser does. Headers named here are signed as headers. */
export async function uploadPart(
  { s3, id, parts }: Pick<Upload, 's3' | 'id' | 'parts'>,
  PartNumber: number,
  body: Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const command = new UploadPartCommand({ ...id, PartNumber })
  // The presigner takes headers from commands; checksums, which commands know by other names, come this way.
  command.middlewareStack.add(
    (next) => (args) => {
      Object.assign((args.request as { headers: object }).headers, headers)
      return next(args)
    },
    { step: 'build', name: 'more headers' },
  )
  const url = await s3.presign(command, { unhoistableHeaders: new Set(Object.keys(headers)) })
  const reply = await send('PUT', url, { headers, body })
  if (reply.headers.etag) parts.push({ PartNumber, ETag: reply.headers.etag })
  return reply
}

/** Parts of the smallest size that may be followed by others; each begins with its number. */
export const fullPart = (number: number): Buffer => Buffer.alloc(minPart, `${number} `)
