/** The credential of a signature: is it well-formed, for this server, known, alive? */
import { invalidArgument, S3Error } from '../errors.ts'
import type { KeyRing, KnownKey } from './key-ring.ts'
import type { CredentialScope } from './signature.ts'

/** How a complaint about the credential is worded, which differs by where the credential stood. */
export type Complain = (what: string, region?: string) => S3Error

/** S3 complains in one of three ways. */
export const complainers: {
  readonly header: Complain
  readonly query: Complain
  readonly form: (credential: string) => Complain
} = {
  header: (what, region) =>
    new S3Error('AuthorizationHeaderMalformed', {
      message: `The authorization header is malformed; ${what}`,
      fields: regionField(region),
    }),
  query: (what, region) =>
    new S3Error('AuthorizationQueryParametersError', {
      message: `Error parsing the X-Amz-Credential parameter; ${what}`,
      fields: regionField(region),
    }),
  form: (credential) => (what, region) =>
    new S3Error('InvalidArgument', {
      message: what,
      fields: [['ArgumentName', 'X-Amz-Credential'], ['ArgumentValue', credential], ...regionField(region)],
    }),
}

function regionField(region: string | undefined): [string, string][] {
  return region === undefined ? [] : [['Region', region]]
}

/** Takes the credential apart, for this region and day. */
export function parseCredential(
  text: string,
  expected: { readonly region: string; readonly day: string; readonly dateName: string },
  complain: Complain,
): CredentialScope {
  const parts = text.split('/')
  // An access key id may hold slashes, which AWS's never do; so count from the end.
  const [day, region, service, terminal] = parts.slice(-4)
  const accessKeyId = parts.slice(0, -4).join('/')
  if (parts.length < 5 || day === undefined || region === undefined) {
    throw complain(
      'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
    )
  }
  if (accessKeyId === '') throw complain('a non-empty Access Key (AKID) must be provided in the credential.')
  if (!/^\d{8}$/.test(day)) {
    throw complain(
      `incorrect date format "${day}". This date in the credential must be in the format "yyyyMMdd".`,
    )
  }
  if (service !== 's3') throw complain(`incorrect service "${service}". This endpoint belongs to "s3".`)
  if (terminal !== 'aws4_request') {
    throw complain(`incorrect terminal "${terminal}". This endpoint uses "aws4_request".`)
  }
  if (region !== expected.region) {
    throw complain(`the region '${region}' is wrong; expecting '${expected.region}'`, expected.region)
  }
  if (day !== expected.day) {
    throw complain(
      `Invalid credential date "${day}". This date is not the same as ${expected.dateName}: "${expected.day}".`,
    )
  }
  return { accessKeyId, day, region }
}

/** The key behind a credential; its session token, if it is a session, must be right and alive. */
export function findKey(ring: KeyRing, accessKeyId: string, token: string | undefined, now: Date): KnownKey {
  const known = ring.find(accessKeyId)
  const unknown = new S3Error('InvalidAccessKeyId', { fields: [['AWSAccessKeyId', accessKeyId]] })
  if (!known) throw unknown
  const { sessionToken } = known.credentials
  // Temporary keys without their token are unknown to S3; a token for a lasting key is no token.
  if (sessionToken !== undefined && token === undefined) throw unknown
  if (token !== sessionToken) throw new S3Error('InvalidToken', { fields: [['Token-0', token ?? '']] })
  if (known.expiresAt && now.getTime() >= known.expiresAt.getTime()) {
    throw new S3Error('ExpiredToken', { fields: [['Token-0', token ?? '']] })
  }
  return known
}

/** 400 for a form that lacks a field; the two blanks are S3's. */
export function missingField(name: string): S3Error {
  return invalidArgument(
    `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`,
    name,
    '',
  )
}
