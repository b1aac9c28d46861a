import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

import { projects } from './test/projects.ts'

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2023',
    sourcemap: true,
    minify: false,
    cssCodeSplit: true, // lets the library build take a CSS entry
    lib: {
      entry: {
        index: 'src/index.ts',
        'core/index': 'src/core/index.ts',
        'backends/index': 'src/backends/index.ts',
        'server/index': 'src/server/index.ts',
        'server/adapters/node': 'src/server/adapters/node.ts',
        'server/adapters/fastify': 'src/server/adapters/fastify.ts',
        'server/adapters/lambda': 'src/server/adapters/lambda.ts',
        'testing/index': 'src/testing/index.ts',
        'testing/s3-server/index': 'src/testing/s3-server/index.ts',
        'i18n/locales/en': 'src/i18n/locales/en.ts',
        'cli/main': 'src/cli/main.ts',
        styles: 'src/styles.css',
      },
      formats: ['es'],
    },
    rolldownOptions: {
      external: [
        /^react(-dom)?($|\/)/,
        /^@tanstack\//,
        /^hash-wasm/,
        /^idb-keyval/,
        /^@smithy\//,
        /^@fastify\//,
        /^fast-xml-parser/,
        /^node:/,
      ],
      output: { preserveModules: true, preserveModulesRoot: 'src' }, // keeps 'use client' per module
    },
  },
  test: { projects },
})
