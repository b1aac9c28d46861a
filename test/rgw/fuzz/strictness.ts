/** Where the local S3 refuses what RGW takes, and the AWS rule that makes it. */
import type { Finding } from './run.ts'

export interface Strictness {
  /** AWS's rule, and the page it stands on. */
  readonly rule: string
  readonly covers: (finding: Finding) => boolean
}

const trait =
  (name: string, local: RegExp) =>
  (finding: Finding): boolean =>
    finding.plan.traits.includes(name) && local.test(finding.local)

export const strictness: readonly Strictness[] = [
  {
    rule: "The credential scope names the bucket's region (sigv4-auth-using-authorization-header: Credential); RGW knows none.",
    covers: trait('other region', /^400/),
  },
  {
    rule: 'A signature is valid from its x-amz-date on, 15 minutes of skew aside (ErrorResponses: RequestTimeTooSkewed; sigv4-query-string-auth: X-Amz-Expires counts from X-Amz-Date).',
    covers: (finding) =>
      trait('future', /^403/)(finding) || trait('signed in an hour', /^403 AccessDenied/)(finding),
  },
  {
    rule: 'All parameters and signed headers are signed, as often as they are sent (sigv4-create-canonical-request), and every form field is held against the policy (sigv4-HTTPPOSTConstructPolicy); of doubled ones RGW looks at one.',
    covers: ({ changes, local }) =>
      changes.some((change) => change.startsWith('double ')) && /^40[03]/.test(local),
  },
  {
    rule: 'All x-amz-* headers must be signed (sigv4-create-canonical-request: CanonicalHeaders).',
    covers: trait('unsigned x-amz-meta-unsigned', /^403 AccessDenied/),
  },
  {
    rule: 'Part numbers are 1 to 10,000 (API_UploadPart: partNumber).',
    covers: (finding) =>
      ['number 0', 'number -1', 'number 10001'].some((name) => trait(name, /^400 InvalidArgument/)(finding)),
  },
  {
    rule: 'Complete names parts in ascending order, each once (API_CompleteMultipartUpload: InvalidPartOrder).',
    covers: trait('a part twice', /^400 InvalidPartOrder/),
  },
  {
    rule: 'A condition needs its field, even if anything will do (sigv4-HTTPPOSTConstructPolicy: starts-with).',
    covers: (finding) =>
      trait('field not sent, may be anything', /^403 AccessDenied/)(finding) ||
      finding.plan.traits.some((name) =>
        finding.changes.includes(name.replace('anything for', 'drop field')),
      ),
  },
  {
    rule: 'A Content-Type with commas is a list, each item of which must match starts-with (sigv4-HTTPPOSTConstructPolicy: Condition Matching).',
    covers: trait('type list', /^403 AccessDenied/),
  },
]
