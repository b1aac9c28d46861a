/** Who imports whom, as DESIGN says, read from the sources: type-only imports count, and there are no cycles. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

const src = fileURLToPath(new URL('../src', import.meta.url))
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file))

interface Import {
  from: string
  /** A file of ours, relative to src, or a package's name. */
  to: string
  own: boolean
}

const pattern =
  /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm

const imports: Import[] = files.flatMap((from) =>
  [...readFileSync(join(src, from), 'utf8').matchAll(pattern)].map(([, a, b, c]) => {
    const name = a ?? b ?? c ?? ''
    const own = name.startsWith('.')
    return { from, to: own ? relative(src, join(src, dirname(from), name)) : name, own }
  }),
)

const folderOf = (file: string): string => {
  if (file.startsWith('testing/s3-server/')) return 'testing/s3-server'
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : 'door'
}

/** What each folder may import of ours besides itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  s3: [],
  core: ['protocol', 's3'],
  backends: ['core', 'protocol', 's3'],
  i18n: ['core'],
  react: ['backends', 'core', 'protocol', 's3'],
  components: ['react', 'i18n', 'backends', 'core', 'protocol', 's3'],
  server: ['protocol', 's3'],
  testing: ['core', 'protocol'],
  'testing/s3-server': ['s3'],
  cli: ['server', 's3', 'testing/s3-server'],
  door: ['components', 'react', 'core', 'i18n'],
}

test('every import of ours goes in an allowed direction', () => {
  const wrong = imports.filter(({ from, to, own }) => {
    const [here, there] = [folderOf(from), folderOf(to)]
    return own && here !== there && !allowed[here]?.includes(there)
  })
  expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([])
})

/** The order inside the core: each layer imports only those before it. */
const coreLayers: readonly (readonly string[])[] = [
  ['errors.ts', 'natural-sort.ts', 'opaque-origin.ts'],
  ['ports.ts'],
  ['types.ts', 'empty-snapshots.ts'],
  ['settings.ts'],
  ['rules/', 'sources/', 'http/', 'resume/', 'integrity/'],
  ['uploader-api.ts', 'or-aborted.ts'],
  ['item-reducer.ts', 'store.ts', 'queue.ts', 'lanes.ts', 'grants.ts', 'settlement.ts', 'watchdog.ts'],
  ['checks.ts'],
  ['screening.ts'],
  ['screening-chunk.ts', 'page-guard.ts', 'ahead.ts', 'upload-result.ts'],
  ['recovery/', 'resumption.ts'],
  ['restoring.ts', 'chunks.ts'],
  ['transfers/'],
  ['network.ts', 'upload-task.ts', 'digests.ts', 'preparation.ts'],
  ['giving-back.ts', 'engine-parts.ts'],
  ['engine.ts'],
  ['admission.ts'],
  ['uploader.ts'],
  ['defaults.ts'],
  ['index.ts'],
]
const layerOf = (file: string): number =>
  coreLayers.findIndex((names) =>
    names.some((name) => (name.endsWith('/') ? file.startsWith(`core/${name}`) : file === `core/${name}`)),
  )

test('inside the core, imports go down the layers', () => {
  const core = imports.filter(
    ({ from, to, own }) => own && folderOf(from) === 'core' && folderOf(to) === 'core',
  )
  expect(core.length).toBeGreaterThan(20)
  const homeless = files.filter((file) => folderOf(file) === 'core' && layerOf(file) < 0)
  expect(homeless).toEqual([])
  const wrong = core.filter(({ from, to }) => {
    const [here, there] = [layerOf(from), layerOf(to)]
    return there > here || (there === here && dirname(from) !== dirname(to))
  })
  expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([])
})

test('there are no cycles', () => {
  const graph = new Map(
    files.map((file) => [file, imports.filter(({ from, own }) => own && from === file).map(({ to }) => to)]),
  )
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
      return
    }
    if (done.has(file)) return
    for (const next of graph.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  expect(cycles).toEqual([])
})

/** Which packages a folder may name; the rest of the world must not leak in. */
const packages: Readonly<Record<string, readonly RegExp[]>> = {
  protocol: [],
  s3: [/^@smithy\//],
  core: [/^hash-wasm/, /^idb-keyval$/],
  backends: [],
  i18n: [],
  react: [/^react$/, /^@tanstack\/react-query$/],
  components: [/^react$/, /^@tanstack\/react-query$/],
  server: [],
  testing: [],
  'testing/s3-server': [/^node:/, /^@fastify\/busboy$/, /^fast-xml-parser$/],
  cli: [/^node:/],
  door: [],
}

test('each folder uses only the packages that are its affair', () => {
  const wrong = imports.filter(
    ({ from, to, own }) =>
      !own &&
      from !== 'server/adapters/node.ts' && // the one file of the signer that knows Node
      !packages[folderOf(from)]?.some((name) => name.test(to)),
  )
  expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([])
})

test('modules with hooks or components say "use client"; the index does not', () => {
  const client = files.filter((file) => ['react', 'components'].includes(folderOf(file)))
  const usesHooks = client.filter((file) =>
    /^import \{[^}]*\buse[A-Z]\w*[^}]*\} from 'react'|\bforwardRef\b|\bcreateContext\b/m.test(
      readFileSync(join(src, file), 'utf8'),
    ),
  )
  expect(usesHooks.length).toBeGreaterThan(3)
  const without = usesHooks.filter(
    (file) => !readFileSync(join(src, file), 'utf8').startsWith("'use client'"),
  )
  expect(without).toEqual([])
  const indexes = files.filter((file) => file.endsWith('index.ts'))
  expect(indexes.filter((file) => /^'use client'/m.test(readFileSync(join(src, file), 'utf8')))).toEqual([])
})
