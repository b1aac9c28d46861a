// Bundles contenders for the browser (production, minified), each on its own: none pays for another's code.
//   node bench/build.mjs            all of them; MINIFY=0 keeps names, for profiles
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, parse } from 'node:path'
import { fileURLToPath } from 'node:url'

import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(here)
const dist = join(here, 'dist')

/** The kit's doors, opened on its source. */
const doors = {
  's3-upload-kit': 'index.ts',
  's3-upload-kit/core': 'core/index.ts',
  's3-upload-kit/styles.css': 'styles.css',
}

const common = {
  outdir: dist,
  bundle: true,
  minify: process.env.MINIFY !== '0',
  target: 'es2023',
  jsx: 'automatic',
  legalComments: 'none',
  define: { 'process.env.NODE_ENV': '"production"' },
  loader: { '.html': 'text', '.gif': 'dataurl' },
  logLevel: 'warning',
}

const isOurs = (file) => basename(file).startsWith('kit')
const entry = (file) => ({ in: file, out: parse(file).name })

/**
 * @param {object} options
 * @param {string[]} [options.bundles] files of `src/contenders`, without ending; default all
 * @param {string} [options.source] the kit's `src`
 * @param {string} [options.against] another state of it, built into `dist/against`
 */
export async function buildContenders({ bundles, source = join(root, 'src'), against } = {}) {
  const files = readdirSync(join(here, 'src/contenders'))
    .filter((file) => !bundles || bundles.includes(parse(file).name))
    .map((file) => join(here, 'src/contenders', file))
  rmSync(dist, { recursive: true, force: true })
  mkdirSync(dist)
  const workers = readdirSync(join(here, 'src/workers')).map((file) => join(here, 'src/workers', file))
  await build({
    ...common,
    format: 'iife',
    entryPoints: [...files.filter((file) => !isOurs(file)), ...workers].map(entry),
  })
  const ours = files.filter(isOurs)
  await buildOurs(ours, source, dist)
  if (against) await buildOurs(ours, against, join(dist, 'against'))
  // The page asks for a style sheet of each.
  for (const folder of against ? [dist, join(dist, 'against')] : [dist])
    for (const file of files) {
      const css = join(folder, `${parse(file).name}.css`)
      if (!existsSync(css)) writeFileSync(css, '')
    }
}

/** As an app ships it: what it loads later costs a request then. */
const buildOurs = (files, source, outdir) =>
  build({
    ...common,
    outdir,
    format: 'esm',
    splitting: true,
    alias: Object.fromEntries(Object.entries(doors).map(([door, file]) => [door, join(source, file)])),
    plugins: [oneReact],
    entryPoints: files.map(entry),
  })

/** The kit's peers, wherever its source lies. */
const oneReact = {
  name: 'one-react',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^(react|react-dom|@tanstack\/react-query)($|\/)/ }, ({ path, kind, pluginData }) =>
      pluginData === 'resolved'
        ? undefined
        : resolve(path, { kind, resolveDir: here, pluginData: 'resolved' }),
    )
  },
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildContenders()
