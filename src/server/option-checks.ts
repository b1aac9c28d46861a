/**
 * Checks of what the app gives us. JavaScript has no types, and a missing environment variable is `undefined`, `NaN` or a
 * text that says so. Each of them would switch a limit off.
 */

/**
 * Throws a TypeError with the option's name, what was expected and the kind of value that came, never a secret.
 * @param given is the option there, perhaps as `undefined`?
 */
export type Check = (value: unknown, name: string, given?: boolean) => void

/** Options by name, each with its check. An option that is not in the table is refused. */
export type Checks = Readonly<Record<string, Check>>

/** The same for all options of a type: one without a check does not compile. */
export type ChecksOf<Options> = Checks & Readonly<Record<keyof Options, Check>>

// Empty, or what JavaScript makes of a missing value in a template.
const missing = /^\s*(undefined|null|NaN|\[object \w+\])?\s*$/

/** Is it a text that says something? */
export const isText = (value: unknown): value is string => typeof value === 'string' && !missing.test(value)

/** Not NaN, which no comparison refuses. */
export const isNumber = (value: unknown): value is number => typeof value === 'number' && !Number.isNaN(value)

/** Is it an object as literals are? A Map, a Promise or an instance would look like one without members. */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  // Not compared with Object.prototype, since another realm has its own.
  const above: unknown = Object.getPrototypeOf(value)
  return above === null || Object.getPrototypeOf(above) === null
}

/** Is it an origin as browsers write it, such as `https://app.example.com`? */
export const isOrigin = (value: unknown): value is string =>
  isText(value) && !value.includes('*') && URL.canParse(value) && new URL(value).origin === value

/** Of an app or an extension, such as `tauri://localhost`. For these, URL knows no origin; files have none. */
const isAppOrigin = (value: string): boolean =>
  /^[a-z][a-z\d+.-]*:\/\/[\w.-]+(:\d+)?$/.test(value) &&
  !value.startsWith('file:') &&
  URL.canParse(value) &&
  new URL(value).origin === 'null'

/** An origin, or one with `*.` for all hosts below a domain of more than one label, or below localhost. */
const isOriginPattern = (value: unknown): boolean => {
  if (!isText(value)) return false
  const above = value.replace(/^(https?:\/\/)\*\.(?=[^*/]+\.[^*/]*[a-z][^*/.]*(:|$)|localhost\b)/, '$1')
  return (isOrigin(above) && new URL(above).hostname.split('.').every(isText)) || isAppOrigin(value)
}

/** The class of a value: `Response` also for one of another realm or of a polyfill. */
export const classOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1)

/** Safe in a log: a text may be a secret. */
function kindOf(value: unknown): string {
  if (typeof value === 'string') return missing.test(value) ? JSON.stringify(value) : 'a text'
  return ['number', 'boolean', 'undefined'].includes(typeof value) ? String(value) : classOf(value)
}

/** @param subject such as `maxSize must be` */
export const wrong = (subject: string, wanted: string, value: unknown): TypeError =>
  new TypeError(`${subject} ${wanted}, not ${kindOf(value)}.`)

/** @throws TypeError */
export function refuse(subject: string, wanted: string, value: unknown): never {
  throw wrong(subject, wanted, value)
}

/** A check by a test. The option is required. */
export const that =
  (wanted: string, fits: (value: unknown) => boolean): Check =>
  (value, name) => {
    if (!fits(value)) refuse(`${name} must be`, wanted, value)
  }

/** For an option that may be left out, or `undefined`. */
export const maybe =
  (check: Check): Check =>
  (value, name) => {
    if (value !== undefined) check(value, name)
  }

/** For a limit or a fence, which may be left out. As `undefined` it would be no limit, and comes of a missing variable. */
export const limit =
  (check: Check): Check =>
  (value, name, given) => {
    if (value !== undefined) check(value, name)
    else if (given) refuse(`${name} must be`, 'set or left out', value)
  }

/** A text that says something. */
export const text: Check = that('a text', isText)
/** A boolean: `'false'` would be true. */
export const flag: Check = that('true or false', (value) => typeof value === 'boolean')
/** Code of the app. */
export const hook: Check = that('a function', (value) => typeof value === 'function')
/** One of these texts. */
export const oneOf = (...choices: readonly string[]): Check =>
  that(choices.join(' or '), (value) => choices.some((choice) => choice === value))
/** A list of what fits. */
export const listOf = (wanted: string, fits: (value: unknown) => boolean): Check =>
  that(`a list of ${wanted}`, (value) => Array.isArray(value) && value.every((one) => fits(one)))
/** Origins: a path or a slash at the end would never match, and the text of one is a list of letters. */
export const origins: Check = listOf(
  'origins such as https://app.example.com, https://*.example.com or tauri://localhost, without a path',
  isOriginPattern,
)
/** A number from 0 on. `Infinity` is no limit, 0 is one. */
export const amount: Check = that('a number from 0 on, or Infinity', (value) => isNumber(value) && value >= 0)
/** A number of things. */
export const count: Check = that(
  'a whole number from 0 on, or Infinity',
  (value) => isNumber(value) && value >= 0 && (value % 1 === 0 || value === Infinity),
)
/** A whole number in these bounds, both inclusive. */
export const whole = (from: number, to: number): Check =>
  that(
    `a whole number from ${from} to ${to}`,
    (value) => isNumber(value) && value >= from && value <= to && value % 1 === 0,
  )

/** An object of options of its own. */
export const shape =
  (checks: Checks): Check =>
  (value, name) =>
    checkOptions(value, checks, `${name}.`, name)

/**
 * Checks options of an object, each by its check.
 * @param before what stands before their names in messages
 * @throws TypeError for the first that is wrong, missing or unknown
 */
export function checkOptions(
  options: unknown,
  checks: Checks,
  before: string,
  name = `${before}options`,
): void {
  if (!isPlain(options)) return refuse(`${name} must be`, 'a plain object', options)
  for (const one of Object.keys(options))
    if (!Object.hasOwn(checks, one)) throw new TypeError(before + unknownOption(one, Object.keys(checks)))
  for (const [one, check] of Object.entries(checks))
    check(options[one], before + one, Object.hasOwn(options, one))
}

function unknownOption(name: string, known: readonly string[]): string {
  const start = name.slice(0, 3).toLowerCase()
  const near = known.filter((one) => one.toLowerCase().startsWith(start))
  return `${name} is no option. Did you mean ${(near.length > 0 ? near : known).join(' or ')}?`
}
