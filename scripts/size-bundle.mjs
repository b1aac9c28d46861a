// Builds one entry as an app's bundler does (code splitting, tree shaking, minified) and weighs its chunks.
import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'

import { rolldown } from 'rolldown'
import { build as viteBuild } from 'vite'

const peers = [/^react($|\/)/, /^react-dom($|\/)/, /^@tanstack\/react-query($|\/)/]
/** Libraries with WASM in them. They load when a checksum is asked for, and are weighed by themselves. */
const wasmLibraries = /[\\/]node_modules[\\/]hash-wasm[\\/]/
const entryId = '\0entry.js'

/** @typedef {{ min: number, gzip: number }} Weight */

/** @returns {Weight} */
const weigh = (code) => {
  const bytes = Buffer.from(code)
  return { min: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length }
}
/** Chunks travel one by one, so each is compressed by itself. */
const sum = (weights) => ({
  min: weights.reduce((total, { min }) => total + min, 0),
  gzip: weights.reduce((total, { gzip }) => total + gzip, 0),
})

/** The bundler names a chunk after its file; of a library that says nothing. */
const nameOf = ({ name, facadeModuleId }) =>
  /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(facadeModuleId ?? '')?.[1] ?? name
const weightOf = (chunk) => ({ name: nameOf(chunk), file: chunk.fileName, ...weigh(chunk.code) })
const bySize = (a, b) => b.min - a.min
const isWasm = (chunk) => chunk.name === 'wasm'

/**
 * @param {string} root the project's folder
 * @param {{ code?: string, style?: string }} how an entry's code, or a style sheet
 */
export async function bundle(root, { code, style }) {
  if (style) {
    const all = weigh(await styleSheet(root, style))
    return { first: all, all, wasm: sum([]), lazy: [], modules: {} }
  }
  const output = await chunksOf(root, code)
  const chunks = output.filter((part) => part.type === 'chunk')
  const byFile = new Map(chunks.map((chunk) => [chunk.fileName, chunk]))
  const entry = chunks.find((chunk) => chunk.isEntry)
  const first = new Set()
  const loadsFirst = (chunk) => {
    if (!chunk || first.has(chunk)) return
    first.add(chunk)
    for (const file of chunk.imports) loadsFirst(byFile.get(file))
  }
  loadsFirst(entry)

  const later = chunks.filter((chunk) => !first.has(chunk))
  const lazy = later.filter((chunk) => !isWasm(chunk)).map(weightOf)
  const firstWeights = [...first].map(weightOf)
  return {
    first: sum(firstWeights),
    all: sum([...firstWeights, ...lazy]),
    wasm: sum(later.filter(isWasm).map(weightOf)),
    lazy,
    modules: {
      'loads first': [...first].flatMap((chunk) => modulesOf(root, chunk)).toSorted(bySize),
      ...Object.fromEntries(later.map((chunk) => [nameOf(chunk), modulesOf(root, chunk).toSorted(bySize)])),
    },
  }
}

async function chunksOf(root, code) {
  const build = await rolldown({
    cwd: root,
    input: { index: entryId },
    platform: 'browser',
    external: peers,
    plugins: [ourSource(root, code)],
    transform: { target: 'es2023', define: { 'process.env.NODE_ENV': '"production"' } },
    logLevel: 'warn',
    onLog(level, log, pass) {
      // What cannot be resolved would be left out, and weigh nothing.
      if (level === 'warn' && log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message)
      // Bundlers do not keep `'use client'` inside of a chunk. It stands for React's server, not for the browser.
      if (log.code !== 'MODULE_LEVEL_DIRECTIVE') pass(level, log)
    },
  })
  try {
    const { output } = await build.generate({
      format: 'es',
      minify: true,
      sourcemap: 'hidden',
      comments: false,
      chunkFileNames: '[name].js',
      codeSplitting: { groups: [{ name: 'wasm', test: wasmLibraries }] },
    })
    return output
  } finally {
    await build.close()
  }
}

const sourceOf = ({ default: built }) => built.replace('./dist/', './src/').replace(/\.js$/, '.ts')

/** The package's doors open on the source: what `vite build` would publish, without having to build it. */
function ourSource(root, code) {
  const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return {
    name: 'our-source',
    resolveId(id) {
      if (id === entryId) return id
      if (id !== name && !id.startsWith(`${name}/`)) return
      return join(root, sourceOf(exports[`.${id.slice(name.length)}`]))
    },
    load: (id) => (id === entryId ? code : undefined),
  }
}

async function styleSheet(root, file) {
  const result = await viteBuild({
    configFile: false,
    root,
    logLevel: 'warn',
    build: { write: false, cssMinify: true, rolldownOptions: { input: join(root, file) } },
  })
  const sheet = [result].flat()[0].output.find((part) => part.fileName.endsWith('.css'))
  return sheet.source
}

/** Which module each byte of a minified chunk comes from, as its source map says. */
function modulesOf(root, { code, map }) {
  const origins = new SourceMap(map)
  const texts = new Map()
  const pieces = []
  for (const [line, text] of code.split('\n').entries())
    for (let column = 0; column < text.length; column++) {
      const { originalSource } = origins.findEntry(line, column)
      const last = pieces.at(-1)
      if (last && last.origin === originalSource) last.text += text[column]
      else pieces.push({ origin: originalSource, text: text[column] })
    }
  for (const { origin, text } of pieces) texts.set(origin, (texts.get(origin) ?? 0) + Buffer.byteLength(text))
  const whole = weigh(code).gzip
  return [...texts].map(([origin, min]) => {
    const rest = pieces.filter((piece) => piece.origin !== origin).map(({ text }) => text)
    return { file: fileOf(root, origin), min, saves: whole - weigh(rest.join('')).gzip }
  })
}

function fileOf(root, origin) {
  if (!origin || origin.includes(entryId)) return '(the entry and the bundler)'
  return relative(root, join(root, 'dist', origin)).replaceAll('\\', '/')
}
