/** Does a form keep to its policy? S3's rules in S3's order, with S3's messages. */
import type { S3ErrorCode } from './error-codes.ts'
import type { PostPolicy } from './policy-grammar.ts'

/** A form's fields before the file, variables expanded. */
export interface PostForm {
  /** The bucket that is posted to, by the URL. */
  readonly bucket: string
  /** By name in lower case; doubled fields joined with commas, as S3 does. `file` is not among them. */
  readonly fields: ReadonlyMap<string, PostFormField>
}

/** One field. */
export interface PostFormField {
  /** The name as it was sent, which is how S3 prints it. */
  readonly name: string
  readonly value: string
}

/** Why S3 refuses. */
export interface PolicyRefusal {
  readonly code: S3ErrorCode
  readonly message: string
}

/**
 * Expiry, each condition, and the rule that every field needs a condition (AWS: sigv4-HTTPPOSTConstructPolicy).
 * The file's size is not looked at here, see {@link policySizeLimits}: it is known last.
 * @param now S3's clock
 * @returns the first refusal, or `undefined` if the form keeps to the policy
 */
export function checkPostPolicy(policy: PostPolicy, form: PostForm, now: Date): PolicyRefusal | undefined {
  if (now.getTime() >= policy.expiresAt.getTime()) return refuse('Policy expired.')
  const covered = new Set<string>()
  for (const condition of policy.conditions) {
    if (condition.type === 'content-length-range') {
      const { min, max } = condition
      if (min === undefined || max === undefined)
        return refuse(`Policy Condition failed: ${condition.source}`)
      continue
    }
    const { type, field, value, source } = condition
    if (field === undefined || !holds(type, field, value, form)) {
      return refuse(`Policy Condition failed: ${source}`)
    }
    covered.add(field)
  }
  // A policy for no bucket in particular would be good for all of them. Ceph RGW refuses it; S3 is not recorded.
  if (!covered.has('bucket')) return refuse('Policy missing condition: bucket')
  const extra = [...form.fields].filter(([name]) => !covered.has(name) && !needsNoCondition(name))
  if (extra.length > 0) return refuse(`Extra input fields: ${extra.map(([, { name }]) => name).join(', ')}`)
  return undefined
}

/** The tightest bounds on the file's bytes that the policy's `content-length-range` conditions set, inclusive. */
export function policySizeLimits(policy: PostPolicy): { min: number; max: number } {
  let min = 0
  let max = Number.POSITIVE_INFINITY
  for (const condition of policy.conditions) {
    if (condition.type !== 'content-length-range') continue
    min = Math.max(min, condition.min ?? 0)
    max = Math.min(max, condition.max ?? max)
  }
  return { min, max }
}

function refuse(what: string): PolicyRefusal {
  return { code: 'AccessDenied', message: `Invalid according to Policy: ${what}` }
}

function holds(type: 'eq' | 'starts-with', field: string, wanted: string, form: PostForm): boolean {
  const sent = form.fields.get(field)?.value
  if (field === 'bucket') {
    // By the URL; and a `bucket` field, which the AWS SDK sends along, must not say otherwise.
    return type === 'eq' && wanted === form.bucket && (sent === undefined || sent === wanted)
  }
  // A condition on a field that is not there fails, even `starts-with` nothing (FACTS 1.2).
  if (sent === undefined) return false
  if (type === 'eq') return sent === wanted
  if (matchesExactlyOnly(field)) return false
  if (field === 'content-type') return sent.split(',').every((item) => item.startsWith(wanted))
  return sent.startsWith(wanted)
}

/** AWS's table of conditions: these "support exact matching" and nothing else. */
function matchesExactlyOnly(field: string): boolean {
  return field === 'success_action_status' || (field.startsWith('x-amz-') && !field.startsWith('x-amz-meta-'))
}

function needsNoCondition(field: string): boolean {
  return field === 'policy' || field === 'x-amz-signature' || field.startsWith('x-ignore-')
}
