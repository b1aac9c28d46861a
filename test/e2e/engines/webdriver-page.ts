/** WebKitGTK, through WebDriver. */
import { expect } from '@playwright/test'

import type { EnginePage } from './engine-page.ts'
import type { WebDriverElement, WebDriverSession } from './webdriver.ts'
import { WebDriverError } from './webdriver.ts'

/**
 * WebDriver has no word for the file chooser, only for file inputs that are in the page. So the page marks the input
 * that was to open one, and one that is outside of the page comes in for as long as that.
 */
const catchChooser = `
  const { click } = HTMLInputElement.prototype
  HTMLInputElement.prototype.click = function () {
    if (this.type !== 'file') return click.call(this)
    this.dataset.chooser = this.isConnected ? 'own' : 'lent'
    if (!this.isConnected) document.body.append(this)
  }`
const releaseChooser = `
  for (const input of document.querySelectorAll('[data-chooser]')) {
    if (input.dataset.chooser === 'lent') input.remove()
    delete input.dataset.chooser
  }`
const rowTexts = `
  const rows = document.querySelectorAll('ul[aria-label="Files"] > li')
  return Array.from(rows, (row) => row.textContent)`

/** See the head of this file. */
export function webDriverPage(session: WebDriverSession): EnginePage {
  /** The first that fits, once it is there. */
  async function found(
    css: string,
    fits: (element: WebDriverElement) => Promise<boolean>,
  ): Promise<WebDriverElement> {
    let result: WebDriverElement | undefined
    const look = async (): Promise<boolean> => {
      for (const element of await session.findAll(css)) {
        if (await stillThere(fits(element), false)) result ??= element
      }
      return result !== undefined
    }
    await expect.poll(look, { intervals: [50] }).toBe(true)
    if (!result) throw new Error(`No ${css} fits.`)
    return result
  }

  async function click(name: string): Promise<void> {
    const button = await found('button', async (each) => (await each.label()).includes(name))
    await button.click()
  }

  return {
    async goto(url) {
      await session.goto(url)
      await session.run(catchChooser)
    },
    async reload() {
      await session.refresh()
      await session.run(catchChooser)
    },
    click,
    async choose(button, paths) {
      await click(button)
      const input = await found('[data-chooser]', async () => true)
      await input.type(paths.join('\n'))
      await session.run(releaseChooser)
    },
    async text() {
      const text = await session.run('return document.body.innerText')
      return typeof text === 'string' ? text : ''
    },
    async rows() {
      const texts = await session.run(rowTexts)
      return Array.isArray(texts) ? texts.map(String) : []
    },
  }
}

/** React may take an element away between two commands; that it does not fit then is all there is to say. */
async function stillThere<Value>(answer: Promise<Value>, otherwise: Value): Promise<Value> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof WebDriverError && error.code === 'stale element reference') return otherwise
    throw error
  }
}
