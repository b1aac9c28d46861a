/** WebKitGTK: the WebDriver that comes with it, and a display that nobody sees. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'

import { expect } from '@playwright/test'

import { listen } from '../../../demo/listen.ts'
import type { WebKitPrograms } from '../../../scripts/browser.mjs'
import type { GuardedProcess } from './guarded-process.ts'
import { startGuarded } from './guarded-process.ts'
import type { WebDriverSession } from './webdriver.ts'
import { openSession } from './webdriver.ts'

/** A driver that waits for work. */
export interface WebKit {
  /** Opens a browser that remembers nothing. */
  open: () => Promise<WebDriverSession>
  stop: () => Promise<void>
}

/** Starts display and driver. */
export async function startWebKit({ driver, browser, xvfb }: WebKitPrograms): Promise<WebKit> {
  const display = await startDisplay(xvfb)
  try {
    const { address, stop } = await startDriver(driver, display.name)
    return {
      open: () =>
        openSession(address, {
          browserName: 'MiniBrowser',
          'webkitgtk:browserOptions': { binary: browser, args: ['--automation'] },
        }),
      async stop() {
        await stop()
        await display.stop()
      },
    }
  } catch (error) {
    await display.stop()
    throw error
  }
}

async function startDisplay(xvfb: string): Promise<{ name: string; stop: () => Promise<void> }> {
  // It looks for a free number itself and writes it to descriptor 3.
  const server = startGuarded([xvfb, '-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'])
  const numbers = server.child.stdio[3]
  if (!(numbers instanceof Readable)) throw new Error('There is no pipe from the display.')
  const [number] = await Promise.race([once(createInterface(numbers), 'line'), once(server.child, 'exit')])
  if (typeof number !== 'string') throw new Error(`Xvfb ended before it was ready.\n${server.said()}`)
  return { name: `:${number}`, stop: server.stop }
}

/** The driver wants a port by number, and somebody else may take it in the meantime. */
async function startDriver(
  driver: string,
  display: string,
  tries = 3,
): Promise<{ address: string; stop: () => Promise<void> }> {
  const port = await freePort()
  const server = startGuarded([driver, `--port=${port}`, '--host=127.0.0.1'], {
    DISPLAY: display,
    GDK_BACKEND: 'x11',
    // No graphics card, no bus of a desktop: do not look for them.
    WEBKIT_DISABLE_COMPOSITING_MODE: '1',
    NO_AT_BRIDGE: '1',
  })
  const address = `http://127.0.0.1:${port}`
  try {
    await ready(server, address)
    return { address, stop: server.stop }
  } catch (error) {
    await server.stop()
    if (tries > 1) return startDriver(driver, display, tries - 1)
    throw error
  }
}

async function ready(server: GuardedProcess, address: string): Promise<void> {
  const isReady = async (): Promise<boolean> => {
    if (server.hasEnded()) throw new Error(`WebKitWebDriver ended before it was ready.\n${server.said()}`)
    return fetch(`${address}/status`).then(
      ({ ok }) => ok,
      () => false,
    )
  }
  await expect.poll(isReady, { intervals: [50] }).toBe(true)
}

async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listen(server, 0)
  await new Promise((closed) => server.close(closed))
  return port
}
