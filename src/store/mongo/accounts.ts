import type { Account } from '../../domain/account.ts'
import { ChatError } from '../../domain/errors.ts'
import type { AccountStore } from '../accounts.ts'
import type { AccountDoc } from './account-documents.ts'
import type { Connection } from './engine/connect.ts'
import { isDuplicate } from './engine/failure.ts'

export function createAccounts({ accounts, causal }: Connection): AccountStore {
  async function update(id: string, change: object): Promise<Account | null> {
    const doc = await accounts.findOneAndUpdate({ _id: id }, change, { returnDocument: 'after' })
    return doc && toAccount(doc)
  }

  return {
    async create(account) {
      try {
        await accounts.insertOne(fromAccount(account))
      } catch (error) {
        if (!isDuplicate(error)) throw error
        throw new ChatError('conflict', 'There is an account with this id already.')
      }
    },

    async read(id) {
      const doc = await causal.read((options) => accounts.findOne({ _id: id }, options))
      return doc && toAccount(doc)
    },

    async list(after, limit) {
      const docs = await causal.read((options) =>
        accounts
          .find({ _id: { $gt: after ?? '' } }, { ...options, sort: { _id: 1 }, limit, batchSize: limit + 1 })
          .toArray(),
      )
      return docs.map(toAccount)
    },

    setPassword: (id, password_hash, at) =>
      update(id, { $set: { password_hash, updated_at: new Date(at) }, $inc: { password_ver: 1 } }),

    async renewHash(id, from, to) {
      await accounts.updateOne({ _id: id, password_hash: from }, { $set: { password_hash: to } })
    },

    setDisabled: (id, disabled, at) => update(id, { $set: { disabled, updated_at: new Date(at) } }),

    remove: async (id) => (await accounts.deleteOne({ _id: id })).deletedCount > 0,
  }
}

export const fromAccount = (account: Account): AccountDoc => ({
  _id: account.id,
  password_hash: account.passwordHash,
  password_ver: account.passwordVer,
  disabled: account.disabled,
  created_at: new Date(account.createdAt),
  updated_at: new Date(account.updatedAt),
})

export const toAccount = (doc: AccountDoc): Account => ({
  id: doc._id,
  passwordHash: doc.password_hash,
  passwordVer: doc.password_ver,
  disabled: doc.disabled,
  createdAt: doc.created_at.getTime(),
  updatedAt: doc.updated_at.getTime(),
})
