/**
 * What the app's hooks answer. A wrong answer fails its call or its file with a TypeError, which is reported to the app,
 * and never lets anything through.
 */
import type { UploadState } from './contexts.ts'
import { classOf, isNumber, isText, refuse, wrong } from './option-checks.ts'
import type { Report } from './options.ts'

/** A Response of any realm or polyfill. */
export const isResponse = (value: unknown): value is Response => classOf(value) === 'Response'

/**
 * Does this tell a user from others? Zero, blank texts and `'undefined'` are ids that were missing, and a number beyond
 * 2^53 equals its neighbours.
 */
export function isId(value: unknown): value is string | number | bigint {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value > 0
  return typeof value === 'bigint' ? value > 0n : isText(value)
}

const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean'
const isFinite = (value: unknown): value is number => isNumber(value) && Math.abs(value) < Infinity
const isRate = (value: unknown): value is boolean | number =>
  isBoolean(value) || (isFinite(value) && value >= 0)

const isUploadState = (value: unknown): value is UploadState =>
  value === 'open' || value === 'taken' || value === 'aborted'

/** @throws TypeError for an answer that does not fit */
export type Reader<Answer> = (answer: unknown) => Answer

const reader =
  <Answer>(hook: string, wanted: string, fits: (answer: unknown) => answer is Answer): Reader<Answer> =>
  (answer) =>
    fits(answer) ? answer : refuse(`${hook}() must return`, wanted, answer)

/** Bytes that are left, as `quota` says; below 0 where a plan was made smaller. */
export const readQuota: Reader<number> = reader('quota', 'a number, or Infinity', isNumber)

/** May the call go on, or after how many seconds? As `rateLimit` says. */
export const readRate: Reader<boolean | number> = reader(
  'rateLimit',
  'true, false or seconds to wait',
  isRate,
)

/** What tells users apart, as `userId` says. */
export const readUserId: Reader<string> = reader('userId', 'a text that no other user has', isText)

/** The folder that `list` names. */
export const readFolder: Reader<string> = reader('list', 'a folder that ends in a slash', isText)

/** What became of an upload, as `uploadState` says: "not aborted" must never be a guess. */
export const readUploadState: Reader<UploadState> = reader(
  'uploadState',
  'open, taken or aborted',
  isUploadState,
)

/** The clock's time. */
export const readNow: Reader<number> = reader('now', 'milliseconds since 1970', isFinite)

/** A hook's yes. Anything else is a no, and what is neither is reported. */
export function isYes(answer: unknown, hook: string, report: Report): boolean {
  if (!isBoolean(answer)) report(wrong(`${hook} must return`, 'true or false', answer), `running ${hook}`)
  return answer === true
}

/**
 * The answer of a hook that may return anything. An error or a Response was meant to be thrown: as a value it would
 * grant what it says no to.
 * @throws the error, or TypeError for a Response
 */
export function unlessError(answer: unknown, hook: string): unknown {
  if (answer instanceof Error) throw answer
  return isResponse(answer)
    ? refuse(`${hook} must return`, 'JSON, without bigints and cycles', answer)
    : answer
}

/**
 * A Standard Schema's result has a `value` or `issues`. Others, such as a bare boolean, would let all metadata pass.
 * @throws TypeError
 */
export function checkResult(result: unknown): void {
  const isResult =
    typeof result === 'object' &&
    result !== null &&
    ('value' in result || Boolean(Reflect.get(result, 'issues')))
  if (!isResult) refuse('validate() of metadata must return', '{ value } or { issues }', result)
}
