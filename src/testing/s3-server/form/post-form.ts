/** Reads a browser's form as S3 does: fields up to the file, the file as a stream, nothing behind it. */
import { Busboy, type BusboyFileStream } from '@fastify/busboy'

import type { PostFormField } from '../../../s3/policy-check.ts'
import { invalidArgument, S3Error } from '../errors.ts'
import type { RequestBody } from '../http/body.ts'

/**
 * Bytes from the start of the body to the start of the file; S3 says so in its error. Our parser tells of the file
 * when it knows that no boundary follows, so the last few bytes below the limit are refused as well.
 */
const maxPreData = 20_480
/** The pieces in which those bytes are fed, so that the parser's answer to each is known. */
const step = 64

/** A form whose file is about to come. */
export interface PostFormReader {
  /** By name in lower case. */
  readonly fields: ReadonlyMap<string, PostFormField>
  /** The last part of the path that the browser gives; `undefined` if it gives none. */
  readonly fileName: string | undefined
  /** The file's bytes. They end with an error if the form around them is broken or holds a second file. */
  readonly file: AsyncIterable<Uint8Array>
}

/**
 * Reads up to the file.
 * @throws S3Error PreconditionFailed (no form), MalformedPOSTRequest, MaxPostPreDataLengthExceeded, InvalidArgument (no
 * file). Whoever stops reading must drain the body.
 */
export async function readPostForm(body: RequestBody, contentType: string): Promise<PostFormReader> {
  if (!/^multipart\/form-data(?:$|[\s;])/i.test(contentType)) {
    throw new S3Error('PreconditionFailed', {
      fields: [['Condition', 'Bucket POST must be of the enclosure-type multipart/form-data']],
    })
  }
  const fields = new Map<string, PostFormField>()
  let found: { stream: BusboyFileStream; name: string | undefined } | undefined
  let failure: unknown
  let files = 0

  const parser = openParser(contentType)
  parser.on('field', (name: string | undefined, value) => {
    if (found) return // behind the file: S3 ignores it
    if (name === undefined) failure ??= new S3Error('MalformedPOSTRequest')
    else failure ??= addField(fields, name, value)
  })
  parser.on('file', (_name, stream, fileName: string | undefined) => {
    files += 1
    if (found) stream.resume()
    else found = { stream, name: fileName }
  })
  const ended = new Promise<void>((resolve) => {
    parser.on('finish', resolve)
    parser.on('error', (cause) => {
      failure ??= new S3Error('MalformedPOSTRequest', { cause })
      resolve()
    })
  })
  // Called back when the parser, and whoever reads the file, are ready for more.
  const feed = (chunk: Uint8Array) =>
    new Promise<void>((resolve) => {
      parser.write(chunk, () => resolve())
    })
  const finish = async () => {
    parser.end()
    await ended
  }

  const feedUpToFile = async (): Promise<Uint8Array> => {
    let fed = 0
    for (let chunk = await body.next(); chunk; chunk = await body.next()) {
      for (let at = 0; at < chunk.length;) {
        if (found) return chunk.subarray(at)
        if (fed >= maxPreData) {
          throw new S3Error('MaxPostPreDataLengthExceeded', {
            fields: [['MaxPostPreDataLengthBytes', String(maxPreData)]],
          })
        }
        const piece = chunk.subarray(at, at + Math.min(step, maxPreData - fed))
        await feed(piece)
        at += piece.length
        fed += piece.length
      }
    }
    if (!found) await finish()
    return new Uint8Array()
  }

  const rest = await feedUpToFile()
  if (failure !== undefined) throw failure
  if (!found) throw notOneFile(files)
  const { stream, name } = found

  const feedRest = async () => {
    try {
      if (rest.length > 0) await feed(rest)
      for await (const chunk of body) await feed(chunk)
      await finish()
    } catch (error) {
      failure ??= error
      stream.destroy(error instanceof Error ? error : undefined)
    }
  }
  const readFile = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    const feeding = feedRest()
    try {
      yield* stream.iterator({ destroyOnReturn: false })
    } catch (error) {
      failure ??= error
    } finally {
      stream.resume() // whoever stops early still waits for the end of the body
      await feeding
    }
    if (failure !== undefined) throw failure
    if (files !== 1) throw notOneFile(files)
  }
  return { fields, fileName: name === undefined ? undefined : lastSegment(name), file: readFile() }
}

/** The file is what is named so, whatever else says so; the name's case does not matter, as with all fields. */
function openParser(contentType: string): InstanceType<typeof Busboy> {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      isPartAFile: (name) => name?.toLowerCase() === 'file',
      preservePath: true,
      limits: { fieldSize: maxPreData },
    })
  } catch (cause) {
    throw new S3Error('MalformedPOSTRequest', { cause }) // no boundary
  }
}

/**
 * S3 joins doubled fields with commas and looks at the whole, so that what is appended to a value passes a
 * `starts-with`. Ceph refuses them all; we do too, since no upload that is meant well sends a field twice.
 */
function addField(fields: Map<string, PostFormField>, name: string, value: string): S3Error | undefined {
  const key = name.toLowerCase()
  if (fields.has(key) && !key.startsWith('x-ignore-'))
    return invalidArgument('POST requires exactly one of each field.', name, value)
  fields.set(key, { name, value })
  return undefined
}

/** Browsers of old gave whole paths, of either kind. */
function lastSegment(name: string): string {
  return name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)
}

function notOneFile(count: number): S3Error {
  return invalidArgument('POST requires exactly one file upload per request.', 'file', String(count))
}
