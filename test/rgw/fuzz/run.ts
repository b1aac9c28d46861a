/** Sends a plan to both servers, and compares only whether they take it. */
import type { S3 } from '../../conformance/client.ts'
import { sendDraft } from './draft.ts'
import type { Plan } from './plan.ts'

export interface Finding {
  readonly plan: Plan
  /** What was changed, such as `drop field x-amz-date`. */
  readonly changes: readonly string[]
  readonly rgw: string
  readonly local: string
}

export const accepts = (verdict: string): boolean => Number.parseInt(verdict, 10) < 400

async function run(s3: S3, plan: Plan) {
  let draft = await plan.build(s3)
  const changes = plan.mutations.map((mutation) => {
    const name = `${mutation.name} ${mutation.target(draft)}`
    draft = mutation.apply(draft)
    return name
  })
  const { verdict } = await sendDraft(s3.endpoint, draft)
  return { verdict, changes }
}

/** Runs all, some at a time. */
export async function compare(rgw: S3, local: S3, plans: readonly Plan[], lanes = 8): Promise<Finding[]> {
  const findings: Finding[] = []
  const queue = plans.values()
  const lane = async (): Promise<void> => {
    for (const plan of queue) {
      const [there, here] = await Promise.all([run(rgw, plan), run(local, plan)])
      findings.push({ plan, changes: here.changes, rgw: there.verdict, local: here.verdict })
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return findings.toSorted((a, b) => a.plan.number - b.plan.number)
}

/** One line for a person. */
export const describeFinding = ({ plan, changes, rgw, local }: Finding): string =>
  `#${plan.number} ${[plan.kind, ...plan.traits].join(', ')} | ${changes.join('; ') || 'as signed'} | RGW ${rgw}, local ${local}`
