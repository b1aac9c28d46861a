/** POST Object: any policy that could be signed for a form, and a form that meets it, or not quite. */
import type { Field } from '../../conformance/form.ts'
import { signForm } from '../../conformance/form.ts'
import type { Random } from './random.ts'
import type { Recipe } from './recipe.ts'
import { body, keyOf } from './recipe.ts'

const fieldChoices: readonly [Field, ...Field[]] = [
  ['Content-Type', 'image/png'],
  ['x-amz-meta-owner', 'ann'],
  ['x-amz-meta-note', 'a, "b" & c'],
  ['success_action_status', '201'],
  ['success_action_status', '204'],
  ['Cache-Control', 'max-age=60'],
  ['Content-Disposition', 'attachment; filename="a.txt"'],
  ['x-ignore-this', 'any'],
]

/** Faults of the policy itself, which is signed with them. */
const faults: Readonly<Record<string, (draft: Fault) => Fault>> = {
  'too large': (draft) => ({ ...draft, range: [0, body.length - 1] }),
  'too small': (draft) => ({ ...draft, range: [body.length + 1, body.length + 100] }),
  'range exact': (draft) => ({ ...draft, range: [body.length, body.length] }),
  'range reversed': (draft) => ({ ...draft, range: [100, 1] }),
  'other bucket': (draft) => ({ ...draft, bucket: 'some-other-bucket' }),
  'other key': (draft) => ({ ...draft, conditions: [...draft.conditions, ['eq', '$key', 'fuzz/else']] }),
  'other prefix': (draft) => ({
    ...draft,
    conditions: [...draft.conditions, ['starts-with', '$key', 'else/']],
  }),
  'field not sent': (draft) => ({ ...draft, conditions: [...draft.conditions, { 'x-amz-meta-more': 'x' }] }),
  'field not sent, may be anything': (draft) => ({
    ...draft,
    conditions: [...draft.conditions, ['starts-with', '$x-amz-meta-more', '']],
  }),
  'condition twice': (draft) => ({ ...draft, conditions: [...draft.conditions, ...draft.conditions] }),
  expired: (draft) => ({ ...draft, expiresIn: -1 }),
  'expires soon': (draft) => ({ ...draft, expiresIn: 60 }),
  'other region': (draft) => ({ ...draft, region: 'eu-west-9' }),
  'signed an hour ago': (draft) => ({ ...draft, shift: -3600 }),
  'signed in an hour': (draft) => ({ ...draft, shift: 3600 }),
  'other secret': (draft) => ({ ...draft, secret: 'other' }),
  'type list': (draft) => ({
    ...draft,
    fields: [
      ...draft.fields.filter(([name]) => name !== 'Content-Type'),
      ['Content-Type', 'image/png, text/html'],
    ],
    conditions: [...draft.conditions, ['starts-with', '$Content-Type', 'image/']],
  }),
}

interface Fault {
  readonly fields: readonly Field[]
  readonly conditions: readonly object[]
  readonly range?: readonly [number, number]
  readonly bucket?: string
  readonly expiresIn?: number
  readonly region?: string
  readonly shift?: number
  readonly secret?: string
}

export function form(random: Random, number: number): Recipe {
  const key = `${keyOf(number)}${random.pick(['', '.txt', ' ü+&', '/${filename}'])}`
  const fields = new Map<string, string>()
  for (let n = random.below(4); n > 0; n--) fields.set(...random.pick(fieldChoices))
  const conditions: object[] = []
  const traits: string[] = []
  if (key.includes('$') || random.chance(0.4))
    conditions.push(['starts-with', '$key', key.slice(0, 5 + random.below(5))])
  for (const [name, value] of fields) {
    if (name.startsWith('success') || name.startsWith('x-ignore')) continue // S3 knows these by exact value only
    const roll = random.next()
    const prefix = value.slice(0, random.below(value.length))
    if (roll < 0.3) conditions.push(['starts-with', `$${name}`, prefix])
    else if (roll < 0.5) conditions.push(['eq', `$${name}`, value])
    if (roll < 0.3 && prefix === '') traits.push(`anything for ${name.toLowerCase()}`)
  }
  let fault: Fault = { fields: [...fields], conditions }
  if (random.chance(0.5))
    fault = { ...fault, range: [random.below(body.length), body.length + random.below(100)] }
  if (random.chance(0.35)) {
    const name = random.pick(Object.keys(faults) as [string, ...string[]])
    traits.push(name)
    fault = faults[name]?.(fault) ?? fault
  }
  return {
    kind: 'form',
    traits,
    build: async (s3) => {
      const { range, shift = 0, secret, region = s3.region, bucket = s3.bucket, expiresIn = 600 } = fault
      const credentials = secret ? { ...s3.credentials, secretAccessKey: secret } : s3.credentials
      const now = new Date(Date.now() + shift * 1000)
      const signed = await signForm(
        {
          key,
          fields: Object.fromEntries(fault.fields),
          conditions: [...fault.conditions, ...(range ? [['content-length-range', ...range]] : [])],
          bucket,
          now,
          expiration: new Date(Date.now() + expiresIn * 1000).toISOString(),
        },
        { bucket: s3.bucket, region, credentials },
      )
      const { pathname } = new URL(s3.url)
      return {
        method: 'POST',
        path: pathname,
        query: [],
        headers: [],
        form: { fields: signed, file: { bytes: body, name: 'a b.txt' } },
      }
    },
  }
}
