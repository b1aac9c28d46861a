/** What is stored with an object: the app's params, the file's name, and what S3 is told of it. */
import type { Entries, FileFacts } from '../../core/ports.ts'
import { optionsOf, wellFormed } from './place.ts'
import type { FineUploaderOptions, FineUploaderParams, FineUploaderTypes } from './types.ts'

/** Headers of the object itself: kept in their spelling, never signed with a request. */
const objectHeaders: ReadonlySet<string> = new Set([
  'Cache-Control',
  'Content-Disposition',
  'Content-Encoding',
  'Content-MD5',
])

const encryption = 'x-amz-server-side-encryption'

/** Sent under their own name. The original finds the last one only after it was put in lower case, and loses it. */
const bare: ReadonlySet<string> = new Set([
  encryption,
  ...['aws-kms-key-id', 'customer-algorithm', 'customer-key', 'customer-key-md5'].map(
    (name) => `${encryption}-${name}`,
  ),
])

/** The params of a file, by their names on the wire but without prefix; those of the file win. */
export function paramsOf(
  file: FileFacts<FineUploaderTypes['options']>,
  { request }: FineUploaderOptions,
): Map<string, string> {
  const params = [...textsOf(request.params), ...textsOf(optionsOf(file).params)]
  return new Map(
    params.map(([name, value]) => [objectHeaders.has(name) ? name : name.toLowerCase(), value] as const),
  )
}

/** Values as they are now. */
export function textsOf(params: FineUploaderParams = {}): [name: string, value: string][] {
  return Object.entries(params).map(([name, value]) => [
    name,
    wellFormed(String(typeof value === 'function' ? value() : value)),
  ])
}

/** The metadata in its order, the file's name last. */
export function metadataOf(
  file: FileFacts<FineUploaderTypes['options']>,
  options: FineUploaderOptions,
): Entries {
  const { filenameParam = 'qqfilename' } = options.request
  const metadata = [...paramsOf(file, options)].map(([name, value]): [string, string] =>
    isBare(name) ? [name, value] : [`x-amz-meta-${name}`, encodeURIComponent(value)],
  )
  return [...metadata, [`x-amz-meta-${filenameParam}`, encodeURIComponent(wellFormed(file.name))]]
}

const isBare = (name: string): boolean => objectHeaders.has(name) || bare.has(name)

/** Does S3 want it in the signature of a request? */
export const isSigned = (name: string): boolean => name.startsWith('x-amz-')

/** What S3 is told besides, in policies and in the request that begins an upload. */
export function storageOf(
  file: FileFacts<FineUploaderTypes['options']>,
  { objectProperties = {} }: FineUploaderOptions,
): { readonly acl: Entries; readonly storageClass: Entries; readonly encryption: Entries } {
  const acl = optionsOf(file).acl ?? objectProperties.acl
  return {
    acl: acl === undefined ? [] : [['acl', acl]],
    storageClass: objectProperties.reducedRedundancy ? [['x-amz-storage-class', 'REDUCED_REDUNDANCY']] : [],
    encryption: objectProperties.serverSideEncryption ? [[encryption, 'AES256']] : [],
  }
}
