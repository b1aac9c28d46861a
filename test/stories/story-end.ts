/** How a story ends, by the events of Storybook's channel. */
import type { Page } from '@playwright/test'
import type { Channel } from 'storybook/internal/channels'
import type { StoryFinishedPayload } from 'storybook/internal/core-events'

/** The result of a story. */
export interface StoryEnd {
  readonly status: string
  /** Storybook's error events: an exception, a play function that failed, a story that is missing. */
  readonly complaints: readonly string[]
  /** Rules that axe found broken, with the elements; undefined: axe did not run. */
  readonly violations: readonly string[] | undefined
}

declare global {
  interface Window {
    storyEnd?: StoryEnd
  }
}

/** Listens from the start. Call it before the page is opened. */
export const listenForEnd = (page: Page): Promise<unknown> => page.addInitScript(listen)

/** Waits for the end of the story that the page shows. */
export async function endOfStory(page: Page): Promise<StoryEnd> {
  const end = await page.waitForFunction(() => window.storyEnd)
  return (await end.jsonValue()) ?? { status: 'unknown', complaints: [], violations: undefined }
}

/** Runs in the page. Listens before Storybook sends anything, since its channel is set first. */
function listen(): void {
  const complaints: string[] = []
  const field = (value: unknown, name: string): unknown =>
    typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
  const textOf = (payload: unknown): string => {
    const message = field(payload, 'message')
    return typeof message === 'string' ? message : JSON.stringify(payload)
  }

  const violationsOf = (result: unknown): string[] => {
    const error = field(result, 'error')
    if (error !== undefined) return [`axe failed: ${textOf(error)}`]
    return list(field(result, 'violations')).map((violation) => {
      const elements = list(field(violation, 'nodes')).map((node) => String(field(node, 'html')))
      return `${String(field(violation, 'id'))}: ${elements.join(' ')}`
    })
  }
  const end = ({ status, reporters }: Pick<StoryFinishedPayload, 'status' | 'reporters'>): void => {
    const axe = reporters.find(({ type }) => type === 'a11y')
    window.storyEnd = { status, complaints, violations: axe && violationsOf(axe.result) }
  }
  const listenTo = (channel: Channel): void => {
    const complain = (event: string) => (payload: unknown) => {
      complaints.push(`${event}: ${textOf(payload)}`)
    }
    for (const event of ['storyThrewException', 'playFunctionThrewException', 'unhandledErrorsWhilePlaying'])
      channel.on(event, complain(event))
    for (const event of ['storyMissing', 'storyErrored', 'configError'])
      channel.on(event, (payload: unknown) => {
        complain(event)(payload)
        end({ status: 'error', reporters: [] })
      })
    channel.on('storyFinished', end)
  }

  let channel: Channel | undefined
  Object.defineProperty(window, '__STORYBOOK_ADDONS_CHANNEL__', {
    configurable: true,
    get: () => channel,
    set(given: Channel) {
      channel = given
      listenTo(given)
    },
  })
}
