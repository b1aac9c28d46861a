// Which Chromium do tests drive? The first of: CHROMIUM (an environment variable), Playwright's own, the system's.
// `installBrowser` is for a machine that has none.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'

/** Arguments for a Chromium without sandbox (root, containers) that stays off the network. */
export const chromiumArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** @returns {string | undefined} the browser's path, or undefined where there is none */
export function findBrowser() {
  const named = process.env.CHROMIUM
  if (named) {
    if (!existsSync(named)) throw new Error(`CHROMIUM names ${named}, and there is no such file.`)
    return named
  }
  const own = playwrightsOwn()
  if (own && existsSync(own)) return own
  for (const name of names) {
    const found = spawnSync('which', [name], { encoding: 'utf8' })
    if (found.status === 0) return found.stdout.trim()
  }
  return places.find((place) => existsSync(place))
}

function playwrightsOwn() {
  try {
    return createRequire(import.meta.url)('playwright').chromium.executablePath()
  } catch {
    return undefined // not installed yet, or no build for this platform
  }
}

/** Installs a browser: Playwright's installer first, then the system's package manager. Throws with what to do. */
export function installBrowser() {
  const isRoot = process.getuid?.() === 0
  const hasApt = existsSync('/usr/bin/apt-get')
  const tries = [
    ['npx', 'playwright', 'install', 'chromium'],
    ...(isRoot && hasApt
      ? [
          ['apt-get', 'update', '-qq'],
          ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-noto-core'],
        ]
      : []),
  ]
  for (const [command, ...args] of tries) {
    console.log(`no browser yet: ${command} ${args.join(' ')}`)
    try {
      execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], timeout: 300_000 })
    } catch (error) {
      console.log(`  that did not work: ${String(error instanceof Error ? error.message : error)}`)
    }
    const found = findBrowser()
    // Playwright's build leans on libraries that a bare system lacks.
    if (found && found === playwrightsOwn() && isRoot && hasApt)
      execFileSync('npx', ['playwright', 'install-deps', 'chromium'], {
        stdio: ['ignore', 'ignore', 'inherit'],
      })
    if (found) return found
  }
  throw new Error(
    'No browser for the tests. Install Chromium or Chrome, or set CHROMIUM to the path of one, and run again.',
  )
}
