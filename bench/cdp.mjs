// A page without Playwright's own instrumentation. Playwright turns the Network domain on for every page it owns, which
// taxes each request in the renderer, the browser and Node; so it only launches Chromium, and pages are driven over a
// bare CDP session.
const maxErrors = 5

export class Page {
  #browser
  #context
  #session
  #sequence = 0
  #pending = new Map()
  #listen = ({ sessionId, message }) => {
    if (sessionId === this.#session) this.#receive(JSON.parse(message))
  }
  /** What the page complained about. */
  errors = []

  static async open(browser, { width = 1000, height = 700 } = {}) {
    const page = new Page()
    page.#browser = browser
    const { browserContextId } = await browser.send('Target.createBrowserContext', { disposeOnDetach: true })
    page.#context = browserContextId
    const { targetId } = await browser.send('Target.createTarget', {
      url: 'about:blank',
      browserContextId,
      width,
      height,
    })
    const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: false })
    page.#session = sessionId
    browser.on('Target.receivedMessageFromTarget', page.#listen)
    await page.send('Page.enable')
    await page.send('Runtime.enable')
    await page.send('Inspector.enable')
    return page
  }

  #receive({ id, method, params, error, result }) {
    if (id !== undefined) {
      const waiting = this.#pending.get(id)
      this.#pending.delete(id)
      if (error) waiting?.reject(new Error(error.message))
      else waiting?.resolve(result)
    } else if (method === 'Runtime.exceptionThrown')
      this.#note(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text)
    else if (method === 'Runtime.consoleAPICalled' && params.type === 'error')
      this.#note(params.args.map(({ value, description }) => value ?? description).join(' '))
    else if (method === 'Inspector.targetCrashed') {
      this.#note('The page crashed.')
      for (const { reject } of this.#pending.values()) reject(new Error('The page crashed.'))
    }
  }

  #note(text) {
    if (this.errors.length < maxErrors) this.errors.push(String(text).slice(0, 240))
  }

  send(method, params = {}) {
    const id = ++this.#sequence
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#browser
        .send('Target.sendMessageToTarget', {
          sessionId: this.#session,
          message: JSON.stringify({ id, method, params }),
        })
        .catch((error) => {
          this.#pending.delete(id)
          reject(error)
        })
    })
  }

  async evaluate(expression) {
    const { exceptionDetails, result } = await this.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value
  }

  /** Calls a method of the page's bench object. */
  call(method, argument) {
    return this.evaluate(`window.uploadBench.${method}(${JSON.stringify(argument ?? null)})`)
  }

  async goto(url, isReady, timeout = 15_000) {
    await this.send('Page.navigate', { url })
    for (const began = Date.now(); Date.now() - began < timeout;) {
      if (await this.evaluate(isReady).catch(() => false)) return
      await new Promise((resolve) => {
        setTimeout(resolve, 40)
      })
    }
    throw new Error(`The page did not get ready. ${this.errors.join(' | ')}`)
  }

  async choose(selector, files) {
    const { result } = await this.send('Runtime.evaluate', {
      expression: `document.querySelector(${JSON.stringify(selector)})`,
    })
    await this.send('DOM.setFileInputFiles', { files, objectId: result.objectId })
  }

  async close() {
    this.#browser.off('Target.receivedMessageFromTarget', this.#listen)
    await this.#browser.send('Target.disposeBrowserContext', { browserContextId: this.#context })
  }
}
