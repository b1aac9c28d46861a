import { signer } from '../../../../next-signer.ts'

export { signer as OPTIONS, signer as POST }
