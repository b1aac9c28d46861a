/**
 * The same 2,000 requests to Ceph RGW and to the local S3, from a seed: valid ones, and ones spoiled in one place or
 * two. The local S3 may refuse what RGW takes only where AWS refuses it too, and must never take what RGW refuses.
 *
 * `RGW_FUZZ_SEED=7 npx vitest run --project rgw differential` tries others.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { startS3Server } from '../../src/testing/s3-server/index.ts'
import type { S3, S3Target } from '../conformance/client.ts'
import { openS3 } from '../conformance/client.ts'
import { planOf } from './fuzz/plan.ts'
import { body, sharedKey } from './fuzz/recipe.ts'
import type { Finding } from './fuzz/run.ts'
import { accepts, compare, describeFinding } from './fuzz/run.ts'
import { strictness } from './fuzz/strictness.ts'

const cluster = inject('rgw')
const seed = Number(process.env['RGW_FUZZ_SEED'] ?? 20261120)
const count = 2000

describe.skipIf('unavailable' in cluster)(`${count} requests, seed ${seed}`, () => {
  const opened: S3[] = []
  let findings: readonly Finding[] = []

  beforeAll(async () => {
    const there = cluster as S3Target
    // All that is sent is the same, but for port, signatures and upload ids.
    const server = await startS3Server({ credentials: [there.credentials], region: there.region })
    const here = { ...there, endpoint: server.endpoint, close: () => server.close() }
    for (const target of [there, here]) {
      const s3 = await openS3({ ...target, bucket: 'fuzz' })
      opened.push(s3)
      await s3.put(sharedKey, body)
    }
    const [rgw, local] = opened
    if (!rgw || !local) throw new Error('both are open by now')
    const plans = Array.from({ length: count }, (_, number) => planOf(seed, number))
    findings = await compare(rgw, local, plans)
    const accepted = findings.filter((finding) => accepts(finding.rgw)).length
    const agreed = findings.filter((finding) => accepts(finding.rgw) === accepts(finding.local)).length
    console.log(
      `seed ${seed}: RGW accepts ${accepted}, refuses ${count - accepted}; the local S3 agrees on ${agreed}`,
    )
  }, 120_000)

  afterAll(async () => {
    for (const s3 of opened) await s3.close()
  }, 60_000)

  test('RGW accepts at least 30 % and refuses at least 30 %', () => {
    const accepted = findings.filter(({ rgw }) => accepts(rgw)).length
    expect(accepted).toBeGreaterThanOrEqual(0.3 * count)
    expect(accepted).toBeLessThanOrEqual(0.7 * count)
  })

  test('neither fails', () => {
    expect(
      findings.filter(({ local }) => local.startsWith('5') && !local.startsWith('501')).map(describeFinding),
    ).toEqual([])
  })

  test("both accept the official SDK's valid requests", () => {
    const calls = findings.filter(({ plan }) => plan.kind.startsWith('sdk'))
    expect(calls.length).toBeGreaterThan(50)
    expect(calls.filter(({ rgw, local }) => !accepts(rgw) || !accepts(local)).map(describeFinding)).toEqual(
      [],
    )
  })

  test('the local S3 accepts nothing that RGW refuses', () => {
    const laxer = findings.filter(({ rgw, local }) => !accepts(rgw) && accepts(local))
    expect(laxer.map(describeFinding)).toEqual([])
  })

  test('where RGW accepts and the local S3 refuses, AWS has a rule', () => {
    const stricter = findings.filter(({ rgw, local }) => accepts(rgw) && !accepts(local))
    const unexplained = stricter.filter((finding) => !strictness.some(({ covers }) => covers(finding)))
    expect(unexplained.map(describeFinding)).toEqual([])
    expect(strictness.length).toBeLessThanOrEqual(8)
    // A class that explains nothing is not known to be one.
    expect(strictness.filter(({ covers }) => !stricter.some(covers)).map(({ rule }) => rule)).toEqual([])
  })
})
