/** The signer inside the Next.js app, which gets the store from its environment. */
import type { UploadHandler } from '../../src/server/index.ts'
import type { StoreAddress } from './signer.ts'
import { makeSigner } from './signer.ts'

export const signer: UploadHandler = makeSigner(JSON.parse(process.env['STORE'] ?? '') as StoreAddress)
