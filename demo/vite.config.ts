import { fileURLToPath } from 'node:url'

import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  root: fileURLToPath(new URL('page', import.meta.url)),
  logLevel: 'warn',
  plugins: [react()],
  // As written: for older targets light-dark() is rewritten, and its colours with it.
  build: { target: 'esnext', cssTarget: 'esnext' },
})
