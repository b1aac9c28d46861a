/** Signed requests of parts: a small window of them, asked for ahead of need, asked for again when they are old. */
import { UploadError } from '../errors.ts'
import type { Checksum, PartToSign, SignedRequest } from '../ports.ts'
import type { TransferContext } from './context.ts'

/** See {@link createPartSignatures}. */
export interface PartSignatures {
  /**
   * The signed request of a part, and the digest that was signed with it.
   * @param next parts that will be wanted soon, in order: they are signed with it
   * @throws UploadError what the backend says
   */
  take(number: number, next: Iterable<number>): Promise<SignedPart>
  /** Is it there, and young enough to be sent? */
  isFresh(number: number): boolean
  /** It was used or refused: another `take` asks anew. */
  drop(number: number): void
}

/** See {@link PartSignatures.take}. */
export interface SignedPart {
  request: SignedRequest
  checksum: Checksum | undefined
  /** Milliseconds since 1970. */
  freshUntil: number
}

/** Makes the window of one upload; `describe` says what is to be signed of a part, and digests it where that is wanted. */
export function createPartSignatures(
  { backend, grant, call, concurrency, isDigested }: TransferContext,
  describe: (number: number) => Promise<PartToSign>,
): PartSignatures {
  const signed = new Map<number, SignedPart>()
  const asking = new Map<number, Promise<void>>()

  // As many as are sent at a time, twice: one half is on its way while the other is being signed. With digests once: the
  // first byte waits for all of them to be read.
  const size = (): number => concurrency() * (isDigested ? 1 : 2)

  const ask = async (numbers: readonly number[]): Promise<void> => {
    // One after the other: digests read their parts, and memory must not grow with the window.
    const parts: PartToSign[] = []
    for (const number of numbers) parts.push(await describe(number))
    const answer = await backend.multipart?.signParts(grant.ref, parts, call)
    if (answer?.ref !== undefined) grant.ref = answer.ref
    for (const { number, request, expiresIn } of answer?.parts ?? []) {
      const checksum = parts.find((part) => part.number === number)?.checksum
      // Half of its life: the other half is for the part to arrive.
      signed.set(number, { request, freshUntil: call.now() + expiresIn * 500, checksum })
    }
  }

  const start = (numbers: readonly number[]): Promise<void> => {
    const asked = ask(numbers).finally(() => numbers.forEach((number) => asking.delete(number)))
    for (const number of numbers) asking.set(number, asked)
    return asked
  }

  const fresh = (number: number): SignedPart | undefined => {
    const part = signed.get(number)
    return part && call.now() < part.freshUntil ? part : undefined
  }

  return {
    async take(number, next) {
      const window: number[] = []
      for (const soon of next) if (window.push(soon) >= size()) break
      const unsigned = window.filter((one) => !fresh(one) && !asking.has(one))
      const isMissing = !fresh(number) && !asking.has(number)
      if (isMissing) void start([number, ...unsigned.filter((one) => one !== number)]).catch(() => undefined)
      // Ahead of need, when half of the window is used up: each call costs the signer the same.
      else if (unsigned.length && window.length - unsigned.length < size() / 2)
        void start(unsigned).catch(() => undefined)
      await asking.get(number)
      // Fewer than asked may have been signed.
      const part = fresh(number) ?? (await start([number]).then(() => fresh(number)))
      if (!part)
        throw new UploadError(
          'bad-answer',
          'later',
          `The ${backend.name} backend did not sign part ${number}.`,
        )
      return part
    },
    isFresh: (number) => fresh(number) !== undefined,
    drop: (number) => void signed.delete(number),
  }
}
