/** The signature of a form: over its policy (AWS: sigv4-authentication-HTTPPOST). */
import type { PostFormField } from '../../../s3/policy-check.ts'
import { invalidArgument, S3Error } from '../errors.ts'
import { complainers, findKey, missingField, parseCredential } from './credential.ts'
import { maxSkew, type AuthContext } from './header-auth.ts'
import { parseLongDate, signingKey } from './signature.ts'
import { requirePolicySignature } from './signed-headers.ts'

const maxAge = 7 * 24 * 60 * 60 * 1_000

/** Who made the policy, and the policy's base64. */
export interface FormCaller {
  readonly accessKeyId: string
  readonly keyPrefix: string | undefined
  readonly actions: ReadonlySet<string> | undefined
  readonly policy: string
}

/**
 * Before the policy is looked into: S3 answers a cut policy with SignatureDoesNotMatch.
 * @throws S3Error as S3 does; AccessDenied for a form without any of it
 */
export function verifyForm(fields: ReadonlyMap<string, PostFormField>, context: AuthContext): FormCaller {
  const get = (name: string) => fields.get(name)?.value
  const required = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Signature'] as const
  const given = required.filter((name) => get(name.toLowerCase()) !== undefined)
  if (given.length === 0) {
    if (get('signature') === undefined && get('awsaccesskeyid') === undefined)
      throw new S3Error('AccessDenied')
    throw new S3Error('InvalidRequest', {
      message: 'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
    })
  }
  const [algorithm, credential, dateText, signature] = required.map((name) => {
    const value = get(name.toLowerCase())
    if (value === undefined) throw missingField(name)
    return value
  })
  const policy = get('policy')
  if (policy === undefined) throw missingField('Policy')
  if (credential === undefined || dateText === undefined || signature === undefined)
    throw missingField('Policy')
  if (algorithm !== 'AWS4-HMAC-SHA256') {
    throw invalidArgument(
      'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"',
      'X-Amz-Algorithm',
      algorithm ?? '',
    )
  }
  const date = parseLongDate(dateText)
  if (!date)
    throw invalidArgument('X-Amz-Date must be formated via ISO8601 Long format', 'X-Amz-Date', dateText)
  const scope = parseCredential(
    credential,
    { region: context.region, day: dateText.slice(0, 8), dateName: 'X-Amz-Date' },
    complainers.form(credential),
  )
  const known = findKey(context.ring, scope.accessKeyId, get('x-amz-security-token'), context.now)
  requirePolicySignature(policy, {
    scope,
    key: signingKey(known.credentials.secretAccessKey, scope),
    signature,
  })
  // A signing key is good for seven days (AWS: bucket-policy-s3-sigv4-conditions), and for none before its time.
  const age = context.now.getTime() - date.getTime()
  if (age > maxAge || age < -maxSkew) {
    throw new S3Error('AccessDenied', { message: 'Invalid according to Policy: Policy expired.' })
  }
  return { accessKeyId: scope.accessKeyId, keyPrefix: known.keyPrefix, actions: known.actions, policy }
}
