/** As much of a WebDriver client (https://www.w3.org/TR/webdriver2/) as the cases need. */

/** What JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** An element's key in answers, fixed by the standard. */
const elementKey = 'element-6066-11e4-a52e-4f735466cecf'

/** A refusal of the driver. */
export class WebDriverError extends Error {
  /** The standard's word for it: `stale element reference`, … */
  readonly code: string

  constructor(code: string, message: string) {
    super(`${code}: ${message}`)
    this.code = code
  }
}

/** The driver gives no answer, or is gone: nothing that a page can cause. */
export class DriverLost extends Error {}

/** Milliseconds for one command; none takes a second. */
const longest = 15_000

/** A browser window that is being driven. */
export interface WebDriverSession {
  goto: (url: string) => Promise<void>
  refresh: () => Promise<void>
  /** Runs the body of a function in the page. */
  run: (script: string, ...args: readonly Json[]) => Promise<Json>
  /** Elements that fit a CSS selector. */
  findAll: (css: string) => Promise<readonly WebDriverElement[]>
  /** Closes the browser. */
  end: () => Promise<void>
}

/** An element of its page. */
export interface WebDriverElement {
  /** Its accessible name, as the browser computes it. */
  label: () => Promise<string>
  click: () => Promise<void>
  /** Types; in a file input: chooses files, one path per line. */
  type: (text: string) => Promise<void>
}

/** Opens a browser. */
export async function openSession(driver: string, capabilities: Json): Promise<WebDriverSession> {
  const opened = await command(driver, 'POST', '/session', { capabilities: { alwaysMatch: capabilities } })
  const session = `${driver}/session/${member(opened, 'sessionId')}`
  const element = (id: string): WebDriverElement => ({
    label: async () => textOf(await command(session, 'GET', `/element/${id}/computedlabel`)),
    click: async () => void (await command(session, 'POST', `/element/${id}/click`, {})),
    type: async (text) => void (await command(session, 'POST', `/element/${id}/value`, { text })),
  })
  return {
    goto: async (url) => void (await command(session, 'POST', '/url', { url })),
    refresh: async () => void (await command(session, 'POST', '/refresh', {})),
    run: (script, ...args) => command(session, 'POST', '/execute/sync', { script, args }),
    async findAll(css) {
      const found = await command(session, 'POST', '/elements', { using: 'css selector', value: css })
      return Array.isArray(found) ? found.map((each: Json) => element(member(each, elementKey))) : []
    },
    end: async () => void (await command(session, 'DELETE', '')),
  }
}

async function command(base: string, method: string, path: string, body?: Json): Promise<Json> {
  const { response, value } = await exchange(base + path, {
    method,
    signal: AbortSignal.timeout(longest),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new WebDriverError(member(value, 'error'), member(value, 'message'))
  return value
}

async function exchange(url: string, request: RequestInit): Promise<{ response: Response; value: Json }> {
  try {
    const response = await fetch(url, request)
    const { value }: { value: Json } = await response.json()
    return { response, value }
  } catch (cause) {
    throw new DriverLost(`${request.method} ${url} was not answered.`, { cause })
  }
}

const textOf = (value: Json): string => (typeof value === 'string' ? value : '')

function member(of: Json, name: string): string {
  const value = typeof of === 'object' && of !== null && !Array.isArray(of) && Reflect.get(of, name)
  if (typeof value !== 'string') throw new Error(`There is no "${name}" in ${JSON.stringify(of)}`)
  return value
}
