// The failed tests in a runner's JSON report, one text each, so that the end of a long run says what failed.
import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

import { root } from './ensure-install.mjs'

const shownLines = 6

const text = (file, title, messages) => {
  const lines = stripVTControlCharacters(messages.join('\n'))
    .split('\n')
    .filter((line) => line.trim())
  return [
    `${relative(root, file)} › ${title}`,
    ...lines.slice(0, shownLines).map((line) => `    ${line}`),
  ].join('\n')
}

/** What failed in a report of Vitest: tests, and files that do not load. */
export const vitestFailures = ({ testResults }) =>
  testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === 'failed')
    if (status === 'failed' && !failed.length) return [text(name, 'the file itself', [message ?? ''])]
    return failed.map((test) => text(name, test.fullName, test.failureMessages))
  })

/** What failed in a report of Playwright, flaky tests too. */
export function playwrightFailures({ suites, config }) {
  const inSuite = (suite) => [
    ...suite.specs.flatMap(({ title, tests }) =>
      tests
        .filter(({ status }) => status === 'unexpected' || status === 'flaky')
        .map(({ projectName, results }) =>
          text(
            `${config.rootDir}/${suite.file}`,
            `${projectName} › ${title}`,
            results.flatMap(({ errors }) => errors.map(({ message }) => message ?? '')),
          ),
        ),
    ),
    ...(suite.suites ?? []).flatMap(inSuite),
  ]
  return suites.flatMap(inSuite)
}
