/** The signer as an edge runtime gets it: small, and without Node. */
import { gzipSync } from 'node:zlib'

import { rolldown } from 'rolldown'
import { expect, test } from 'vitest'

const entry = `
import { createUploadHandler, createUploadRouter, route, s3 } from './src/server/index.ts'
const files = route({ authorize: () => true, onComplete: ({ key }) => key })
export default {
  fetch: createUploadHandler(createUploadRouter({ files }), {
    storage: s3({ bucket: 'b', region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }),
  }),
}
`

test('the handler with forms, PUT and parts has at most 34 kB minified and zipped, and imports nothing of Node', async () => {
  const build = await rolldown({
    input: 'entry',
    cwd: new URL('../..', import.meta.url).pathname,
    platform: 'browser',
    plugins: [
      {
        name: 'entry',
        resolveId: (id, from) =>
          id === 'entry' ? `${process.cwd()}/entry.ts` : from === undefined ? undefined : null,
        load: (id) => (id.endsWith('/entry.ts') ? entry : undefined),
      },
    ],
    // Whatever is not found would be left as an import: it must not be.
    external: [/^node:/],
  })
  const { output } = await build.generate({ format: 'esm', minify: true })
  await build.close()
  const code = output.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('')
  const imports = output.flatMap((chunk) =>
    chunk.type === 'chunk' ? [...chunk.imports, ...chunk.dynamicImports] : [],
  )
  expect(imports).toEqual([])
  expect(code).not.toMatch(/["'`]node:|\brequire\(|\bBuffer\b|\bprocess\./)
  expect(code).toContain('AWS4-HMAC-SHA256')
  const size = gzipSync(code, { level: 9 }).length
  console.log(`the signer: ${code.length} bytes minified, ${size} zipped`)
  expect(size).toBeLessThanOrEqual(34_000)
})
