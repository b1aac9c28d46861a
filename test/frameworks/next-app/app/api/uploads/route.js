import { signer } from '../../../../next-signer.ts'

export { signer as GET, signer as OPTIONS, signer as POST }
