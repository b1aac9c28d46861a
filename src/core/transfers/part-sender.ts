/** The parts of one upload on their way: several at a time, each tried again by itself. */
import { toUploadError } from '../errors.ts'
import { orAborted } from '../or-aborted.ts'
import type { StoredPart } from '../ports.ts'
import type { Recovery } from '../recovery/index.ts'
import type { RetryDecision } from '../rules/retry.ts'
import type { TransferContext } from './context.ts'
import { isStale } from './context.ts'
import type { PartSignatures } from './part-signatures.ts'
import type { PartTelling } from './part-telling.ts'
import { GivenUp, PutOff } from './put-off.ts'

type Wait = RetryDecision & { do: 'wait' }

/** The bytes of one part; nothing is read yet. */
export function partOf(source: Blob, partSize: number, number: number): Blob {
  // No type: a browser would send it as a header that nobody has signed.
  return source.slice((number - 1) * partSize, number * partSize, '')
}

/** The size of all parts that are there. */
export function bytesOf(parts: ReadonlyMap<number, StoredPart>): number {
  let bytes = 0
  for (const { size } of parts.values()) bytes += size
  return bytes
}

/**
 * Sends these parts. A part that has to wait holds none of the others up.
 * @throws UploadError what no further try can mend; {@link PutOff} when all parts that are left have to wait
 */
export async function sendAll(
  numbers: readonly number[],
  partSize: number,
  signatures: PartSignatures,
  telling: PartTelling,
  context: TransferContext,
): Promise<void> {
  const { item, source, grant, signal, call, concurrency, recovery } = context
  const left = new Set(numbers)
  // Kept with the grant: what a part was asked to wait holds when its file goes on with another one.
  const resting = (grant.resting ??= new Map())
  const underWay = new Map<number, number>()
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  let kept = bytesOf(grant.parts)
  let failure: { error: unknown } | undefined

  const report = (): void => {
    let bytes = kept
    for (const one of underWay.values()) bytes += one
    context.progress(bytes)
  }

  const fail = (error: unknown): void => {
    failure ??= { error }
    stop.abort()
  }

  const send = async (number: number, urgent: boolean): Promise<void> => {
    // The signer, and a login below, may take their time: another part's failure does not wait for them.
    const { request, checksum } = await orAborted(signatures.take(number, left), either)
    const blob = partOf(source, partSize, number)
    const answer = await context.send(
      { method: 'PUT', ...request, body: { kind: 'blob', blob } },
      {
        signal: either,
        urgent,
        // Once: what is old as it comes has to be sent as it is.
        isOld: () => !urgent && !signatures.isFresh(number),
        onProgress(loaded) {
          underWay.set(number, loaded)
          report()
        },
      },
    )
    if (answer.status >= 400 && answer.status < 500) signatures.drop(number)
    if (answer.status !== 200) throw (await recovery()).errorOfAnswer(answer, `Part ${number}`)
    const etag = answer.headers.get('etag')
    store({ number, size: blob.size, ...(etag && { etag }), ...(checksum && { checksum }) })
  }

  const store = (part: StoredPart): void => {
    signatures.drop(part.number)
    underWay.delete(part.number)
    grant.parts.set(part.number, part)
    context.keep((kept += part.size))
    report()
    context.partDone(part)
    telling.tell(part)
  }

  const wakeLater = (number: number, { delay, reason }: Wait, alarms: Recovery['alarms']): void => {
    const wake = (): void => {
      if (resting.delete(number)) left.add(number)
      pump()
    }
    alarms.sleep(delay, reason === 'offline', either).then(wake, none)
  }

  /** Sends a part until it is there, or has to wait, or failed for good. */
  const carry = async (number: number): Promise<void> => {
    for (let urgent = false; ;) {
      underWay.set(number, 0)
      try {
        return await send(number, urgent)
      } catch (cause) {
        urgent = isStale(cause)
        if (urgent) continue
        const loaded = underWay.get(number) ?? 0
        underWay.delete(number)
        if (either.aborted) return
        const error = toUploadError(cause, `sending part ${number}`)
        if (error.code === 'checksum-mismatch') signatures.drop(number) // once more from a fresh read
        if (error.retry === 'restart') return fail(error)
        const { judge, alarms } = await recovery()
        const decision = await orAborted(judge(`${item.id}#${number}`, error, loaded), either)
        if (decision.do === 'fail') return fail(new GivenUp(error))
        if (decision.do === 'again') continue
        resting.set(number, { until: call.now() + decision.delay, decision, error })
        return wakeLater(number, decision, alarms)
      }
    }
  }

  let active = 0
  let done: () => void = none
  const finished = new Promise<void>((resolve) => (done = resolve))

  const pump = (): void => {
    for (const number of left) {
      // None at all would be no end: the requests wait by themselves where none is let in.
      if (failure || signal.aborted || active >= Math.max(1, concurrency())) break
      left.delete(number)
      active++
      void carry(number)
        .catch(fail)
        .finally(() => {
          active--
          pump()
        })
    }
    if (active === 0) done()
  }

  for (const [number, { until, decision }] of resting) {
    const delay = until - call.now()
    // The line is back, or time is up.
    if (!left.has(number) || delay <= 0 || decision.reason === 'offline') resting.delete(number)
    else {
      left.delete(number)
      wakeLater(number, { ...decision, delay }, (await recovery()).alarms)
    }
  }
  pump()
  await finished
  signal.throwIfAborted()
  const soonest = [...resting.values()].toSorted((a, b) => a.until - b.until)[0]
  if (!failure && soonest && left.size === 0) {
    stop.abort()
    // What is due at about that time goes on together.
    for (const [number, { until }] of resting) if (until - soonest.until < 1000) resting.delete(number)
    const delay = Math.max(0, soonest.until - call.now())
    throw new PutOff({ ...soonest.decision, delay }, soonest.error)
  }
  // Whatever it was: the task makes an UploadError of it.
  if (failure) throw failure.error
}

const none = (): void => undefined
