import { toNodeHandler } from '../../../../../src/server/adapters/node.ts'
import { signer } from '../../../next-signer.ts'

export default toNodeHandler(signer)
