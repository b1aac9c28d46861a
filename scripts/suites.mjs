// What each suite runs, and how its counts are read. A suite answers { passed, failed, skipped, failures }, where
// `failures` are texts of the failed tests: where each one is and the first lines of what it says.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { findBrowser, installBrowser, installOtherEngines } from './browser.mjs'
import { root, toolEnvironment } from './ensure-install.mjs'
import { playwrightFailures, vitestFailures } from './failures.mjs'

const none = { passed: 0, failed: 0, skipped: 0, failures: [] }
const sum = (a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
  failures: [...a.failures, ...b.failures],
})

/** Starts a tool and resolves with its exit code. */
function run(command, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: toolEnvironment(env),
      stdio: 'inherit',
      shell: process.platform === 'win32',
    })
    child.once('error', (error) => {
      console.error(`${command} could not be started: ${error.message}`)
      resolve(1)
    })
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

/** A tool whose exit code is its whole verdict counts as one test. */
const check = async (command, ...args) => {
  const code = await run(command, args)
  return code === 0
    ? { ...none, passed: 1 }
    : { ...none, failed: 1, failures: [`${[command, ...args].join(' ')} exited with ${code}`] }
}

/** Runs with a JSON report in a folder that is removed again. */
async function withReport(start, read) {
  const folder = mkdtempSync(join(tmpdir(), 's3-upload-kit-'))
  const file = join(folder, 'report.json')
  try {
    const code = await start(file)
    if (code === unavailable) return { ...none, skipped: 1 }
    const counts = readReport(file, read)
    // A runner that fails without a failed test (a file that does not load, a crash) is a failure all the same.
    return code !== 0 && counts.failed === 0
      ? { ...counts, failed: 1, failures: [`the runner exited with ${code} without a failed test`] }
      : counts
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readReport(file, read) {
  try {
    return read(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    return { ...none, failed: 1, failures: [`the runner's report cannot be read: ${error.message}`] }
  }
}

const vitest = (project, args, env) =>
  withReport(
    (file) =>
      run(
        'vitest',
        [
          'run',
          '--project',
          project,
          '--reporter=default',
          '--reporter=json',
          `--outputFile.json=${file}`,
          ...args,
        ],
        env,
      ),
    (report) => ({
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      skipped: report.numPendingTests + report.numTodoTests,
      failures: vitestFailures(report),
    }),
  )

/** Exit code of what could not run here (sysexits' EX_UNAVAILABLE). */
const unavailable = 69

const plain = (command, args, env) => run(command, args, env)
const onRgw = (command, args, env) => run('node', ['test/rgw/with-rgw.ts', command, ...args], env)

const playwright = (args, start = plain) =>
  withReport(
    (file) =>
      start('playwright', ['test', '--reporter=list,json', ...args], { PLAYWRIGHT_JSON_OUTPUT_FILE: file }),
    // A flaky test is a bug: it counts as failed.
    (report) => ({
      passed: report.stats.expected,
      failed: report.stats.unexpected + report.stats.flaky,
      skipped: report.stats.skipped,
      failures: playwrightFailures(report),
    }),
  )

const afterBuild = async (script, suite) => {
  const built = await check('npm', 'run', '--silent', script)
  return built.failed ? built : sum(built, await suite())
}

const needsBrowser = (suite) => async (args) => {
  if (!findBrowser()) installBrowser()
  return suite(args)
}

const suites = {
  lint: () => check('npm', 'run', '--silent', 'lint'),
  typecheck: () => check('npm', 'run', '--silent', 'typecheck'),
  unit: (args) => vitest('unit', args),
  // The same component tests on the newest React and on the oldest that is supported.
  browser: needsBrowser(async (args) =>
    sum(await vitest('browser', args), await vitest('browser', args, { REACT: '18' })),
  ),
  // What is published is what is tested: a play function may pass in the dev server and act too early in the build.
  stories: needsBrowser((args) =>
    afterBuild('build-storybook', () =>
      playwright(['--config', 'test/stories/playwright.config.ts', ...args]),
    ),
  ),
  package: (args) => afterBuild('build', () => vitest('package', args)),
  e2e: needsBrowser((args) => {
    // Who asks for a few tests of Chromium need not wait for other browsers to be installed.
    if (!args.length || args.some((arg) => /engines|firefox|webkit/.test(arg))) installOtherEngines()
    return playwright(args)
  }),
  // The store's own suite, then the whole path: a real browser, our signer, a real store.
  rgw: needsBrowser(async (args) => {
    const store = await vitest('rgw', args)
    return args.length ? store : sum(store, await playwright(['way', 'refusals'], onRgw))
  }),
}

/** The suites, in the order in which `npm test` runs them: quick ones first. */
export const suiteNames = Object.keys(suites)

/** Runs one suite; `args` go to its runner. */
export const runSuite = (name, args = []) => suites[name](args)
