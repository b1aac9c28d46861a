/** What can be made to go wrong, as plain data: the same for the API and for the control endpoint. */
import { isS3ErrorCode, type S3ErrorCode } from '../../../s3/error-codes.ts'
import { s3Operations, type S3Operation } from '../operation.ts'
import {
  count,
  decimal,
  list,
  maybe,
  oneOf,
  shape,
  text,
  Undecodable,
  type Decoder,
} from '../store/decode.ts'

/** One thing going wrong. */
export type Fault =
  /** Waits before the request is looked at. */
  | { readonly type: 'latency'; readonly milliseconds: number }
  /** Takes the body and sends the answer no faster. What the system buffers comes before that. */
  | { readonly type: 'bandwidth'; readonly bytesPerSecond: number }
  /** Resets the connection when so many bytes of the body have come; 0 does it at once, body or not. */
  | { readonly type: 'reset'; readonly afterBytes: number }
  /** Stops reading after so many bytes of the body (0: before the request is looked at), for good if not said. */
  | { readonly type: 'stall'; readonly afterBytes: number; readonly milliseconds?: number }
  /** Sends so many bytes of the answer's body, then ends the connection. */
  | { readonly type: 'truncated-answer'; readonly bytes: number }
  /** Takes the whole body, then answers so: `InternalError`, `SlowDown`, `RequestTimeout`, … */
  | {
      readonly type: 'error'
      readonly code: S3ErrorCode
      /** Default: the code's own. */
      readonly status?: number
      /** Seconds, as a `Retry-After` header. Default: no header. */
      readonly retryAfter?: number
    }
  /** The same without taking the body: answers at once and closes. Browsers mostly see a network error. */
  | { readonly type: 'early-refusal'; readonly code: S3ErrorCode }
  /** 403, in the words for a policy or a URL that has run out. */
  | { readonly type: 'expired' }
  /** 200 with an `<Error>` in it, nothing done; S3 can do so on CompleteMultipartUpload and CopyObject. */
  | { readonly type: 'error-under-200'; readonly code: S3ErrorCode }
  /** Does what was asked, then ends the connection instead of answering. */
  | { readonly type: 'lost-answer' }
  /** The upload that the request names is aborted before. */
  | { readonly type: 'vanished-upload' }
  /** Errors come without CORS headers, so pages cannot read them. */
  | { readonly type: 'no-cors-on-errors' }
  /** `ETag` is not among the exposed headers. */
  | { readonly type: 'hidden-etag' }
  /** One byte is stored wrong, at this place; ETag and checksums are those of the right ones. */
  | { readonly type: 'corrupt-byte'; readonly at: number }
  /** S3's clock is off by so many seconds; negative: behind. */
  | { readonly type: 'clock'; readonly seconds: number }

/** When a fault happens. All conditions must hold. */
export interface FaultRule {
  readonly fault: Fault
  /** Default: any operation. */
  readonly on?: S3Operation | readonly S3Operation[]
  /** Only keys that begin so. A form's key is not known yet when faults are chosen: such rules never hit PostObject. */
  readonly keyPrefix?: string
  /** Only this part. */
  readonly partNumber?: number
  /** Which of the requests that fit so far, counted from 1. Default: all. */
  readonly nth?:
    | number
    | readonly number[]
    | { readonly from: number; readonly to?: number }
    | { readonly every: number }
  /** How likely it then is, 0 … 1, by the seed. Default: 1. */
  readonly chance?: number
  /** After how many hits it ends. Default: never. */
  readonly times?: number
}

const code: Decoder<S3ErrorCode> = (value, path) => {
  const name = text(value, path)
  if (!isS3ErrorCode(name)) throw new Undecodable(`${path} is none of S3's error codes`)
  return name
}

/** A duration, a rate, a chance: zero or more. */
const positive: Decoder<number> = (value, path) => {
  const number = decimal(value, path)
  if (number < 0) throw new Undecodable(`${path} is negative`)
  return number
}

const chance: Decoder<number> = (value, path) => {
  const number = positive(value, path)
  if (number > 1) throw new Undecodable(`${path} is more than 1`)
  return number
}

type FaultOf<Type extends Fault['type']> = Extract<Fault, { readonly type: Type }>
const only = <Type extends Fault['type']>(type: Type) => oneOf(type)

const faults: { readonly [Type in Fault['type']]: Decoder<FaultOf<Type>> } = {
  latency: shape<FaultOf<'latency'>>({ type: only('latency'), milliseconds: positive }),
  bandwidth: shape<FaultOf<'bandwidth'>>({ type: only('bandwidth'), bytesPerSecond: positive }),
  reset: shape<FaultOf<'reset'>>({ type: only('reset'), afterBytes: count }),
  stall: shape<FaultOf<'stall'>>({ type: only('stall'), afterBytes: count, milliseconds: maybe(positive) }),
  'truncated-answer': shape<FaultOf<'truncated-answer'>>({ type: only('truncated-answer'), bytes: count }),
  error: shape<FaultOf<'error'>>({
    type: only('error'),
    code,
    status: maybe(count),
    retryAfter: maybe(count),
  }),
  'early-refusal': shape<FaultOf<'early-refusal'>>({ type: only('early-refusal'), code }),
  expired: shape<FaultOf<'expired'>>({ type: only('expired') }),
  'error-under-200': shape<FaultOf<'error-under-200'>>({ type: only('error-under-200'), code }),
  'lost-answer': shape<FaultOf<'lost-answer'>>({ type: only('lost-answer') }),
  'vanished-upload': shape<FaultOf<'vanished-upload'>>({ type: only('vanished-upload') }),
  'no-cors-on-errors': shape<FaultOf<'no-cors-on-errors'>>({ type: only('no-cors-on-errors') }),
  'hidden-etag': shape<FaultOf<'hidden-etag'>>({ type: only('hidden-etag') }),
  'corrupt-byte': shape<FaultOf<'corrupt-byte'>>({ type: only('corrupt-byte'), at: count }),
  clock: shape<FaultOf<'clock'>>({ type: only('clock'), seconds: decimal }),
}

const types = Object.keys(faults)
const isType = (name: string): name is Fault['type'] => types.includes(name)

const fault: Decoder<Fault> = (value, path) => {
  const { type } = shape<{ type: string }>({ type: text })(value, path)
  if (!isType(type)) throw new Undecodable(`${path}.type is none of ${types.join(', ')}`)
  return faults[type](value, path)
}

const operation = oneOf(...s3Operations)
const nth: Decoder<NonNullable<FaultRule['nth']>> = (value, path) => {
  if (typeof value === 'number') return count(value, path)
  if (Array.isArray(value)) return list(count)(value, path)
  const range = shape<{ from?: number; to?: number; every?: number }>({
    from: maybe(count),
    to: maybe(count),
    every: maybe(count),
  })(value, path)
  if (range.every) return { every: range.every }
  if (range.from === undefined) throw new Undecodable(`${path} is no number, list, {from, to} or {every}`)
  return { from: range.from, ...(range.to !== undefined && { to: range.to }) }
}

/** A rule from outside. @throws Undecodable, saying what is wrong where */
export const decodeFaultRule: Decoder<FaultRule> = shape<FaultRule>({
  fault,
  on: maybe((value, path) => (Array.isArray(value) ? list(operation)(value, path) : operation(value, path))),
  keyPrefix: maybe(text),
  partNumber: maybe(count),
  nth: maybe(nth),
  chance: maybe(chance),
  times: maybe(count),
})
