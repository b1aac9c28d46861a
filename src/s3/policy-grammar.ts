/**
 * What a POST policy says: parsed from its text, with S3's own words for what is wrong with it. Grammar and
 * messages as recorded from S3 (FACTS 1.2); where S3's answer is not known, it is refused.
 */
import { parseStrictJson, type StrictJson } from './strict-json.ts'

/** One condition, with the text that S3 prints when it fails. */
export type PolicyCondition =
  | {
      readonly type: 'eq' | 'starts-with'
      /** In lower case and without `$`: S3 compares names without case. `undefined` where the `$` is missing. */
      readonly field: string | undefined
      readonly value: string
      readonly source: string
    }
  | {
      readonly type: 'content-length-range'
      /** Bytes, inclusive; `undefined` where the policy gives words instead, which nothing fulfils. */
      readonly min: number | undefined
      readonly max: number | undefined
      readonly source: string
    }

/** A policy that could be read. */
export interface PostPolicy {
  readonly expiresAt: Date
  readonly conditions: readonly PolicyCondition[]
}

/** Why it could not: S3 answers 400 `InvalidPolicyDocument` with this message. */
export interface PolicyMistake {
  readonly mistake: string
}

/** Reads the JSON inside a form's `policy` field (base64 already undone). */
export function parsePostPolicy(text: string): PostPolicy | PolicyMistake {
  const document = parseStrictJson(text)
  if (document?.type !== 'object') return mistake('Invalid JSON.')
  let expiresAt: Date | undefined
  let conditions: PolicyCondition[] | undefined
  for (const [name, value] of document.entries) {
    if (name === 'expiration') {
      const date = value.type === 'string' ? parseExpiration(value.value) : undefined
      if (!date) return mistake(`Invalid 'expiration' value: '${value.type === 'string' ? value.value : ''}'`)
      expiresAt = date
    } else if (name === 'conditions') {
      if (value.type !== 'array') return mistake("Invalid 'conditions' value: must be a List.")
      conditions = []
      for (const item of value.items) {
        const condition = parseCondition(item)
        if ('mistake' in condition) return condition
        conditions.push(condition)
      }
    } else {
      // Names are case-sensitive here, unlike those of fields (s3-tests: expires_is_case_sensitive).
      return mistake(`Unexpected: '${name.toLowerCase()}'`)
    }
  }
  if (!expiresAt) return mistake('Policy missing expiration.')
  if (!conditions) return mistake('Policy missing conditions.')
  return { expiresAt, conditions }
}

function mistake(what: string): PolicyMistake {
  return { mistake: `Invalid Policy: ${what}` }
}

/** UTC only, with or without fractions: S3 refuses offsets and a space for the `T`. */
function parseExpiration(text: string): Date | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(text)) return undefined
  const date = new Date(text)
  // Date takes the 30th of February for the 1st of March; we take it for a mistake.
  return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 19) !== text.slice(0, 19)
    ? undefined
    : date
}

function parseCondition(item: StrictJson): PolicyCondition | PolicyMistake {
  if (item.type === 'object') return parseSimple(item.entries)
  if (item.type !== 'array') return mistake('Invalid condition test: must be a List or Object.')
  const [operator, ...operands] = item.items
  if (operator?.type !== 'string') return mistake('Invalid Condition: missing operation identifier.')
  const source = print(item)
  const name = operator.value
  if (name === 'content-length-range') {
    const [min, max] = operands
    if (!min || !max || operands.length > 2) return mistake(`Invalid ${name}: wrong number of arguments.`)
    if ([min, max].some(({ type }) => type !== 'integer' && type !== 'string'))
      return mistake('Invalid JSON.')
    const bounds = [bound(min), bound(max)]
    if (bounds.some((value) => value !== undefined && value < 0))
      return mistake(`Invalid ${name}: negative bound.`)
    return { type: name, min: bounds[0], max: bounds[1], source }
  }
  // The documented spelling only; whether S3 takes `Starts-With` is not recorded.
  if (name !== 'eq' && name !== 'starts-with')
    return mistake(`Invalid Condition: unknown operation '${name}'.`)
  const [field, value] = operands
  if (!field || !value || operands.length > 2) return mistake(`Invalid ${name}: wrong number of arguments.`)
  if (field.type !== 'string' || value.type !== 'string') return mistake('Invalid JSON.')
  return {
    type: name,
    field: field.value.startsWith('$') ? field.value.slice(1).toLowerCase() : undefined,
    value: value.value,
    source,
  }
}

function parseSimple(entries: readonly (readonly [string, StrictJson])[]): PolicyCondition | PolicyMistake {
  const [entry] = entries
  if (!entry || entries.length > 1) {
    return mistake('Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.')
  }
  const [name, value] = entry
  if (value.type !== 'string') return mistake('Invalid Simple-Condition: value must be a string.')
  // S3 prints simple conditions as lists (boto3#4514).
  const source = `["eq", ${JSON.stringify(`$${name}`)}, ${JSON.stringify(value.value)}]`
  return { type: 'eq', field: name.toLowerCase(), value: value.value, source }
}

/** A whole number, or digits in a string; LocalStack's recordings of S3 show both accepted. */
function bound(value: StrictJson): number | undefined {
  if (value.type === 'integer') return value.value
  return value.type === 'string' && /^\d{1,15}$/.test(value.value) ? Number(value.value) : undefined
}

function print(value: StrictJson): string {
  if (value.type === 'array') return `[${value.items.map(print).join(', ')}]`
  if (value.type === 'object') return '{}'
  return JSON.stringify(value.value)
}
