/** What is published, as it was just built: `npm run test:package` builds first. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const dist = join(root, 'dist')
const read = (file: string): string => readFileSync(file, 'utf8')

const manifest: { exports: Record<string, string | Record<string, string>>; bin: Record<string, string> } =
  JSON.parse(read(join(root, 'package.json')))

/** Every file that a door's module reaches by import, and every package that it names. */
function reach(entry: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>()
  const packages = new Set<string>()
  const visit = (file: string): void => {
    if (files.has(file)) return
    files.add(file)
    for (const [, from, bare] of read(file).matchAll(/\bfrom\s*"([^"]+)"|^\s*import\s*"([^"]+)"/gm)) {
      const name = from ?? bare ?? ''
      if (name.startsWith('.')) visit(join(dirname(file), name))
      else packages.add(name)
    }
  }
  visit(join(dist, entry))
  return { files, packages }
}

describe('the doors', () => {
  const targets = Object.entries(manifest.exports).flatMap(([door, target]) =>
    Object.values(typeof target === 'string' ? { default: target } : target).map(
      (file) => [door, file] as const,
    ),
  )
  test.each(targets)('%s: %s is there', (_door, file) => {
    const path = join(root, file.replace('*', 'en'))
    expect(existsSync(path)).toBe(true)
  })

  test('publint finds nothing', () => {
    expect(execFileSync('publint', ['--strict'], { cwd: root, encoding: 'utf8' })).toContain('All good')
  })

  test('types resolve for every kind of consumer (attw)', () => {
    const args = [
      '--pack',
      '.',
      '--profile',
      'esm-only',
      '--exclude-entrypoints',
      'styles.css',
      '--format',
      'ascii',
    ]
    // It ends with an error code, and so throws here, when anything is wrong.
    const said = execFileSync('attw', args, { cwd: root, encoding: 'utf8' })
    expect(said).toMatch(/^bundler: 🟢/m)
  }, 60_000)

  test('the command starts under Node', () => {
    const bin = manifest.bin['s3-upload-kit'] ?? ''
    expect(read(join(root, bin))).toMatch(/^#!\/usr\/bin\/env node\n/)
    const help = execFileSync(process.execPath, [join(root, bin), '--help'], { encoding: 'utf8' })
    expect(help).toContain('Start a strict local S3')
  })
})

describe('what each door pulls in', () => {
  test('core and backends: no React, no Node', () => {
    const allowed = {
      // Both load when they are needed, not with the door.
      'core/index.js': ['hash-wasm', 'idb-keyval'],
      // For the one backend that writes what its server signs.
      'backends/index.js': ['@smithy/signature-v4'],
    }
    for (const [entry, names] of Object.entries(allowed))
      expect([...reach(entry).packages].filter((name) => !names.includes(name))).toEqual([])
  })

  test('server: nothing but the signing library, so that it runs on the edge', () => {
    expect([...reach('server/index.js').packages].filter((name) => !name.startsWith('@smithy/'))).toEqual([])
  })

  test('React door: React and TanStack Query', () => {
    expect(
      [...reach('index.js').packages].map((name) => name.split('/').slice(0, 2).join('/')).toSorted(),
    ).toEqual(expect.arrayContaining(['@tanstack/react-query', 'react']))
    expect(
      [...reach('index.js').packages].filter(
        (name) => name.startsWith('node:') || name.startsWith('@smithy'),
      ),
    ).toEqual([])
  })
})

test('"use client" is kept on each module that has it, and the index has none', () => {
  const src = join(root, 'src')
  const client = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.tsx?$/.test(file) && read(join(src, file)).startsWith("'use client'"),
  )
  expect(client.length).toBeGreaterThan(10)
  const lost = client.filter(
    (file) => !/^['"]use client['"]/.test(read(join(dist, file.replace(/\.tsx?$/, '.js')))),
  )
  expect(lost).toEqual([])
  expect(read(join(dist, 'index.js'))).not.toMatch(/use client/)
})

test('the stylesheet is one cascade layer, and no module imports CSS', () => {
  expect(read(join(dist, 'styles.css'))).toContain('@layer s3-upload-kit')
  const modules = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.js'),
  )
  expect(modules.filter((file) => /import\s+["'][^"']+\.css["']/.test(read(join(dist, file))))).toEqual([])
})
