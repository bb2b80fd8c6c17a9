import { storeContract } from '../contracts/store.ts'
import { storeModel } from '../contracts/store-model.ts'
import { openEmpty } from './open.ts'

storeContract('sqlite', openEmpty)
storeModel('sqlite', openEmpty)
