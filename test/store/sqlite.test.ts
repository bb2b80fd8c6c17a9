import { storeModel } from '../contracts/model.ts'
import { storeContract } from '../contracts/store.ts'
import { openEmpty } from './open.ts'

storeContract('sqlite', openEmpty, () => openEmpty({ tellsEnds: true }))
storeModel('sqlite', openEmpty)
