/** What the scripts install, and what they leave alone; `npm` is one that only says that it was called. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { expect, onTestFinished, test } from 'vitest'

const script = fileURLToPath(new URL('../../scripts/ensure-install.mjs', import.meta.url))

/** A project with nothing but a lock file, and a folder beside it. */
function project(): { root: string; other: string; run: () => string } {
  const folder = mkdtempSync(join(tmpdir(), 'install-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [root, other, bin] = ['root', 'other', 'bin'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  for (const path of [join(root, 'scripts'), other, bin]) mkdirSync(path, { recursive: true })
  writeFileSync(join(root, 'package-lock.json'), '{}')
  writeFileSync(join(bin, 'npm'), '#!/bin/sh\necho called npm "$@" >&2\nmkdir -p node_modules\n', {
    mode: 0o755,
  })
  const copy = join(root, 'scripts', 'ensure-install.mjs')
  cpSync(script, copy)
  const env = { ...process.env, PATH: [bin, process.env.PATH].join(delimiter) }
  return {
    root,
    other,
    run() {
      const { status, stderr } = spawnSync(process.execPath, [copy], { env, encoding: 'utf8' })
      expect(status).toBe(0)
      return stderr
    },
  }
}

test.skipIf(process.platform === 'win32')('installs what is missing, once', () => {
  const { run } = project()
  expect(run()).toContain('called npm ci')
  expect(run()).toBe('')
})

test.skipIf(process.platform === 'win32')('a linked node_modules is left alone, and it says so', () => {
  const { root, other, run } = project()
  writeFileSync(join(other, 'package'), '')
  symlinkSync(other, join(root, 'node_modules'))
  const said = run()
  expect(said).not.toContain('called npm')
  expect(said).toContain('node_modules is a link')
  expect(readdirSync(other)).toEqual(['package'])
})
