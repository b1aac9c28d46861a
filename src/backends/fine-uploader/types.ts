import type { FileFacts, Json } from '../../core/ports.ts'
import type { JsonServerOptions } from '../http-json.ts'

/** A value, or what gives it when it is sent. */
export type FineUploaderParam = string | number | boolean | (() => string | number | boolean)

/** Values by name. */
export type FineUploaderParams = Readonly<Record<string, FineUploaderParam>>

/** One address of the app's server. */
export interface FineUploaderServer {
  readonly endpoint: string
  /** Sent with each call, such as a token. A function is asked each time. */
  readonly customHeaders?: JsonServerOptions['headers']
}

/** What an app may say of one file: `uploader.add(files, { options: { params: { album: 7 } } })`. */
export interface FineUploaderFileOptions {
  /** Stored with the object, and told with its success; besides those of `request.params`. */
  readonly params?: FineUploaderParams
  readonly acl?: string
  /** Instead of what `objectProperties.key` would give. */
  readonly key?: string
  /** Another bucket's address. */
  readonly endpoint?: string
  /** Whom to tell of this file, and what besides. */
  readonly uploadSuccess?: { readonly endpoint?: string; readonly params?: FineUploaderParams }
  readonly deleteFile?: {
    readonly endpoint?: string
    readonly params?: Readonly<Record<string, string>>
  }
}

/** What the engine keeps of one upload. */
export type FineUploaderRef = {
  readonly uuid: string
  readonly key: string
  readonly bucket: string
  /** Where the bucket is, if not at `request.endpoint`. */
  readonly endpoint?: string
  /** Of an upload in parts. */
  readonly uploadId?: string
  /** How this file is deleted, if not as all others. */
  readonly deleteEndpoint?: string
  readonly deleteParams?: { readonly [name: string]: string }
}

/** What the backend fills in; the result is what the success endpoint answers. */
export type FineUploaderTypes = {
  ref: FineUploaderRef
  options: FineUploaderFileOptions | undefined
  record: never
  result: Json
}

/** Options of `fineUploader()`, by the names that Fine Uploader S3 gives them. */
export interface FineUploaderOptions {
  readonly request: {
    /** The bucket's address: `https://bucket.s3.eu-west-1.amazonaws.com`, or `https://host/bucket`. */
    readonly endpoint: string
    /** The public half of the key pair with which the server signs. */
    readonly accessKey: string
    /** Stored with every object, as `x-amz-meta-*`, and told with its success. */
    readonly params?: FineUploaderParams
    /** Under which name the file's name is stored with the object. Default `qqfilename`. */
    readonly filenameParam?: string
    /** Milliseconds that this browser's clock is behind. S3 refuses what is more than 15 minutes off. Default 0. */
    readonly clockDrift?: number
  }
  /** Signs policies and strings; asked with `?v4=true`. */
  readonly signature: FineUploaderServer
  /** Told of each file that is stored. */
  readonly uploadSuccess?: FineUploaderServer & {
    readonly method?: 'POST' | 'PUT'
    readonly params?: FineUploaderParams
  }
  readonly deleteFile?: FineUploaderServer & {
    /** Default `DELETE`; `POST` says so in `_method`. */
    readonly method?: 'DELETE' | 'POST'
    readonly params?: Readonly<Record<string, string>>
  }
  /** Knows the files of earlier visits. */
  readonly session?: FineUploaderServer & { readonly params?: Readonly<Record<string, string>> }
  readonly objectProperties?: {
    /** Such as `private`. Default: none is sent, since buckets have had no ACLs from 2023 on. */
    readonly acl?: string
    /**
     * What names the object: a UUID with the file's extension, its name (a second file of that name replaces the first),
     * or a function. Null or a rejection fails the file. Default `uuid`.
     */
    readonly key?:
      | 'uuid'
      | 'filename'
      | ((file: FileFacts<FineUploaderTypes['options']>) => string | null | Promise<string | null>)
    /** Default: as the endpoint says. Needed where a CDN stands in front. */
    readonly bucket?: string
    /** The host that S3 sees, where a CDN stands in front. Default: the endpoint's. */
    readonly host?: string
    /** What S3 sees before the key. Default: the endpoint's path; nothing where `host` is given. */
    readonly path?: string
    /** Default `us-east-1`. */
    readonly region?: string
    /** Asks for encryption with S3's own keys. */
    readonly serverSideEncryption?: boolean
    readonly reducedRedundancy?: boolean
  }
  /** Files larger than one part go in parts. Default: none does. */
  readonly chunking?: {
    /** Bytes. Default and least 5 MiB; more where 10,000 parts would not do. */
    readonly partSize?: number
    /** Small files too. */
    readonly mandatory?: boolean
    /**
     * After a doubt S3 is asked what it has, instead of trusting what the page knows. Wants `GET` and `HEAD` in the
     * bucket's CORS rules, `s3:ListMultipartUploadParts` and `s3:GetObject`, and a server that signs them, which the
     * original never asked for. Default false.
     */
    readonly askStorage?: boolean
  }
  /** Bytes, written into the policies of files in one piece: the server compares them with its own. */
  readonly validation?: { readonly sizeLimit?: number; readonly minSizeLimit?: number }
  /** `expected`: the app's server is on another origin, and no headers go there that need its permission. */
  readonly cors?: { readonly expected?: boolean; readonly sendCredentials?: boolean }
}
