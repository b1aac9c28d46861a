// Which Chromium do tests drive? The first of: CHROMIUM (an environment variable), Playwright's own, the system's.
// `installBrowser` is for a machine that has none. Some tests run in Firefox and WebKitGTK as well, where they are.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
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

const apt = '/usr/bin/apt-get'

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
  return which(names) ?? places.find((place) => existsSync(place))
}

/** The path of the first of these programs that is there. */
function which(programs) {
  for (const program of programs) {
    const found = spawnSync('which', [program], { encoding: 'utf8' })
    if (found.status === 0) return found.stdout.trim()
  }
  return undefined
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
  const hasApt = existsSync(apt)
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

// ---- other engines

const firefoxPlaces = [
  '/Applications/Firefox.app/Contents/MacOS/firefox',
  'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
]

/** @returns {string | undefined} Firefox's path: FIREFOX (an environment variable; `none` for none), or the system's */
export function findFirefox() {
  const named = process.env.FIREFOX
  if (named === 'none') return undefined
  if (!named) return which(['firefox-esr', 'firefox']) ?? firefoxPlaces.find((place) => existsSync(place))
  if (!existsSync(named)) throw new Error(`FIREFOX names ${named}, and there is no such file.`)
  return named
}

/** @typedef {{ driver: string, browser: string, xvfb: string }} WebKitPrograms what it takes to drive WebKitGTK unseen */

/** @returns {WebKitPrograms | undefined} paths: WEBKIT_BROWSER names a MiniBrowser (`none`: no WebKit), or the system's */
export function findWebKit() {
  const named = process.env.WEBKIT_BROWSER
  if (named === 'none') return undefined
  if (named && !existsSync(named))
    throw new Error(`WEBKIT_BROWSER names ${named}, and there is no such file.`)
  const [driver, xvfb, browser] = [which(['WebKitWebDriver']), which(['Xvfb']), named || miniBrowser()]
  return driver && xvfb && browser ? { driver, xvfb, browser } : undefined
}

/** It is no program for people, so it is not on the path: `/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser`. */
const miniBrowser = () =>
  ['/usr/libexec', '/usr/lib', '/usr/lib64', ...inside('/usr/lib', /-linux-gnu/)]
    .flatMap((folder) => inside(folder, /^webkit2?gtk-/))
    .map((folder) => `${folder}/MiniBrowser`)
    .find((path) => existsSync(path))

/** Paths of what is in a folder under such a name. */
function inside(folder, pattern) {
  const found = existsSync(folder) ? readdirSync(folder).filter((name) => pattern.test(name)) : []
  return found.map((name) => `${folder}/${name}`)
}

const otherEngines = [
  { title: 'Firefox', find: findFirefox, variable: 'FIREFOX', packages: ['firefox-esr'] },
  {
    title: 'WebKitGTK',
    find: findWebKit,
    variable: 'WEBKIT_BROWSER',
    packages: ['webkit2gtk-driver', 'xvfb'],
  },
]

const isWanted = ({ variable }) => process.env[variable] !== 'none'

/** Installs Firefox and WebKitGTK where that is possible. Where it is not, says so: their cases are skipped then. */
export function installOtherEngines() {
  const missing = otherEngines.filter((engine) => isWanted(engine) && !engine.find())
  if (missing.length && process.getuid?.() === 0 && existsSync(apt)) {
    aptGet(['update'], 60_000)
    for (const { packages } of missing) {
      const install = ['install', '-y', '--no-install-recommends', ...packages]
      console.log(`Installing ${packages.join(' ')} …`)
      // A mirror that is too slow is given up on; what has been downloaded is let to install.
      if (aptGet([...install, '--download-only'], 120_000)) aptGet(install, 600_000)
    }
  }
  for (const engine of otherEngines) {
    if (engine.find()) continue
    const why = isWanted(engine)
      ? `it is not installed. On Debian, as root: apt-get install ${engine.packages.join(' ')}`
      : `${engine.variable}=none`
    console.log(`${engine.title} is skipped: ${why}`)
  }
}

/** Answers whether that worked. */
function aptGet(args, timeout) {
  try {
    // Somebody else may be installing: waits for them.
    execFileSync(apt, ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout,
    })
    return true
  } catch (error) {
    console.log(`  that did not work: ${String(error instanceof Error ? error.message : error)}`)
    return false
  }
}
