/**
 * 20,000 calls, honest, mistaken and hostile: never a 5xx, never a grant that its route does not allow, never a secret
 * in an answer or a log. Seeded: a failure names its number, and happens again.
 */
import { expect, test, vi } from 'vitest'

import type { SignVerdict, WireEntries } from '../../../src/protocol/wire.ts'
import { createUploadHandler } from '../../../src/server/index.ts'
import { createFakeStore } from './fake-store.ts'
import { checkKey, checkPolicy, checkPresigned, checkRoute } from './oracle.ts'
import type { Fuzzed, Held } from './requests.ts'
import { createFuzzer } from './requests.ts'
import { router, rulesOf, secrets } from './rules.ts'

const calls = 20_000
const now = Date.UTC(2026, 10, 20, 12)
/** Problems of calls whose body was read and found in order. */
const readCodes = new Set(['receipt-invalid', 'parts-missing', 'not-stored', 'no-such-upload', 'expired'])
const endpoint = 'https://s3.example.net'
const base = `${endpoint}/${secrets.bucket}/`
const { bucket, region, accessKeyId, secretAccessKey } = secrets

test(`${calls} calls`, { timeout: 300_000 }, async () => {
  const store = createFakeStore(base)
  const logged: string[] = []
  const log = vi.spyOn(console, 'error').mockImplementation((...words) => void logged.push(words.join(' ')))
  const handler = createUploadHandler(router, {
    storage: {
      bucket,
      region,
      endpoint,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
      capabilities: { conditionalCopy: true },
    },
    secret: secrets.receipts,
    now: () => now,
    fetch: (url, init) => store.fetch(url, init),
    // A client's mistake may be logged; it is the app's own key() that makes bad keys here.
    onError: (error) => void logged.push(String(error instanceof Error ? error.stack : error)),
  })
  const next = createFuzzer(20_261_120)
  const held: Held[] = []
  const faults: string[] = []
  const count = {
    valid: 0,
    granted: 0,
    post: 0,
    put: 0,
    multipart: 0,
    parts: 0,
    views: 0,
    statuses: new Map<number, number>(),
  }

  for (let at = 0; at < calls; at += 50) {
    const batch = Array.from({ length: 50 }, () => next(held.slice(-400)))
    const answers = await Promise.all(batch.map(async ({ request }) => handler(request)))
    for (const [index, fuzzed] of batch.entries()) {
      const answer = answers[index]
      if (!answer) continue
      const text = await answer.text()
      const complain = (fault: string): void =>
        void faults.push(`#${at + index} ${fuzzed.route} ${fuzzed.action}: ${fault}`)
      count.statuses.set(answer.status, (count.statuses.get(answer.status) ?? 0) + 1)
      if (answer.status >= 500) complain(`answers ${answer.status}: ${text}`)
      for (const secret of [secretAccessKey, secrets.receipts, 'node:', '    at '])
        if (text.includes(secret)) complain('tells a secret, or a stack')
      const body = text === '' || answer.status === 204 ? {} : (JSON.parse(text) as Answer)
      if (answer.status >= 400 && body.code === undefined) complain('is no problem')
      const wasRead = answer.status === 200 && fuzzed.request.method === 'POST'
      if (wasRead || readCodes.has(body.code ?? '')) count.valid += 1
      if (answer.status === 200 && fuzzed.request.method === 'POST' && judge(fuzzed, body, complain))
        count.granted += 1
    }
  }

  interface Answer {
    code?: string
    verdicts?: { ok: boolean; url?: string; error?: { status: number; code?: string } }[]
    files?: (SignVerdict & { receipt?: string; url?: string })[]
    parts?: { number: number; url: string; headers: WireEntries }[]
  }

  /** Judges what an answer grants; true if it grants anything. */
  function judge(fuzzed: Fuzzed, body: Answer, complain: (fault: string) => void): boolean {
    const { route, user, files, action } = fuzzed
    const rules = Object.hasOwn(rulesOf, route) ? rulesOf[route] : undefined
    if (!rules || !['ann', 'bob'].includes(user)) {
      complain('is answered')
      return true
    }
    let viewed = 0
    for (const { ok, url, error } of body.verdicts ?? []) {
      if (!ok && (!error?.code || !(error.status < 500))) complain(`has a verdict of ${error?.status}`)
      if (url === undefined) continue
      const { faults: wrong, key } = checkPresigned('GET', url, [], {})
      for (const fault of [...wrong, ...checkKey(key, rules, user)]) complain(`view ${fault}`)
      if (route !== 'avatar') complain('is viewed')
      viewed += 1
    }
    count.views += viewed
    if (body.verdicts) return viewed > 0
    const owner = held.find(({ receipt }) => receipt === fuzzed.receipt)
    if (action === 'sign-parts' && body.parts) {
      if (owner?.route !== route || owner.user !== user) complain('signs parts of another')
      for (const [index, { url, headers }] of body.parts.entries()) {
        const { size = -1, number } = fuzzed.parts[index] ?? {}
        const signed = checkPresigned('PUT', url, headers, { 'content-length': `${size}` })
        const whole = owner?.size ?? 0
        const right = Math.min(owner?.partSize ?? 0, whole - ((number ?? 0) - 1) * (owner?.partSize ?? 0))
        if (size !== right || size < 0) complain(`signs a part of ${size} instead of ${right} bytes`)
        for (const fault of [...signed.faults, ...checkKey(signed.key, rules, user)])
          complain(`part ${fault}`)
        if (signed.query.get('partNumber') !== String(number)) complain('signs another part')
        count.parts += 1
      }
      return body.parts.length > 0
    }
    if (action === 'damaged') {
      // What was damaged may still be a good call; what it grants was asked for by nobody we know.
      return body.files?.some((verdict) => verdict.ok) ?? false
    }
    if (action !== 'sign' || !body.files) return false
    let granted = 0
    for (const [index, verdict] of body.files.entries()) {
      const file = files[index]
      if (!verdict.ok || !file) continue
      granted += 1
      if (index >= rules.maxFiles) complain(`grants file ${index + 1}`)
      const { target, receipt } = verdict
      if (!rules.kinds.includes(target.type)) complain(`grants ${target.type}`)
      count[target.type] += 1
      const partSize = target.type === 'multipart' ? target.partSize : undefined
      if (file.reason !== 'renew') {
        const { id, name, size, type } = file
        const metadata = 'metadata' in file ? { metadata: file.metadata } : {}
        held.push({ receipt, route, user, size, partSize, facts: { id, name, size, type, ...metadata } })
      } else if (
        held.find((one) => one.receipt === receipt)?.user !== user &&
        held.some((one) => one.receipt === receipt)
      )
        complain('renews what was granted to another')
      if (target.type === 'multipart') {
        if (target.partSize < 5 * 1024 ** 2 || file.size / target.partSize > 10_000)
          complain(`cuts into ${target.partSize}`)
        const facts = JSON.parse(Buffer.from(receipt.split('.')[0] ?? '', 'base64url').toString()) as {
          key: string
        }
        const begun = new Map(store.begun(facts.key) ?? [])
        for (const own of ['accept-encoding', 'authorization', 'x-amz-content-sha256']) begun.delete(own)
        if (begun.size === 0) complain('began nothing')
        for (const fault of checkRoute(file, rules, user, facts.key, begun)) complain(fault)
        continue
      }
      const read =
        target.type === 'post'
          ? checkPolicy(target.fields, file.size, now)
          : checkPresigned('PUT', target.url, target.headers, { 'content-length': String(file.size) })
      for (const fault of [...read.faults, ...checkRoute(file, rules, user, read.key, read.headers)])
        complain(fault)
    }
    return granted > 0
  }

  log.mockRestore()
  for (const line of logged)
    if (line.includes(secretAccessKey) || line.includes(secrets.receipts) || line.includes('X-Amz-Signature'))
      faults.push(`a log tells a secret: ${line}`)
  console.log(
    `${calls} calls: ${count.valid} schema-valid, ${count.granted} granted (${count.post} forms, ${count.put} PUTs, ${count.multipart} in parts, ${count.parts} parts, ${count.views} views); ${[...count.statuses].map((pair) => pair.join(': ')).join(', ')}`,
  )
  expect(faults.slice(0, 20)).toEqual([])
  expect(count.valid).toBeGreaterThanOrEqual(calls * 0.3)
  expect(count.granted).toBeGreaterThanOrEqual(calls * 0.1)
  expect(Math.min(count.post, count.put, count.multipart, count.parts, count.views)).toBeGreaterThan(30)
})
