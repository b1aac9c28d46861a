import { toNodeHandler } from '../../../../../src/server/adapters/node.ts'
import { signer } from '../../../next-signer.ts'

export const config = { api: { bodyParser: false } }

export default toNodeHandler(signer)
