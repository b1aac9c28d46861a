import { fileURLToPath } from 'node:url'

export default {
  distDir: process.env.NEXT_APP_OUTPUT ?? '.next',
  // The signer's sources lie outside of the app.
  turbopack: { root: fileURLToPath(new URL('../../..', import.meta.url)) },
}
