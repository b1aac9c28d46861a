import type { UploadError } from '../errors.ts'
import type { RetryDecision } from '../rules/retry.ts'

/** Thrown by a transfer of which all that is left has to wait: what to wait for, and why. Not a failure. */
export class PutOff extends Error {
  override readonly name = 'PutOff'
  readonly decision: RetryDecision & { do: 'wait' }
  readonly reason: UploadError

  constructor(decision: RetryDecision & { do: 'wait' }, reason: UploadError) {
    super(reason.message, { cause: reason })
    this.decision = decision
    this.reason = reason
  }
}

/** Thrown by a transfer for a failure that was judged already, and found to be final. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp'
  readonly reason: UploadError

  constructor(reason: UploadError) {
    super(reason.message, { cause: reason })
    this.reason = reason
  }
}
