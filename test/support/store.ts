import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Group } from '../../src/domain/group.ts'
import type { Send } from '../../src/domain/message.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import type { Store } from '../../src/store/store.ts'

/** A store in a folder of its own, which goes when the store is disposed of. */
export async function temporaryStore(): Promise<{ store: Store; [Symbol.asyncDispose](): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'chat-'))
  const store = await openSqliteStore({
    dataDir,
    newEpoch: () => randomBytes(6).toString('hex'),
    onFatal: (error) => {
      throw error
    },
  })
  return {
    store,
    async [Symbol.asyncDispose]() {
      await store.close()
      rmSync(dataDir, { recursive: true })
    },
  }
}

export const newId = () => randomBytes(12).toString('hex')

export const newGroup = (members: string[]): Group => ({
  id: newId(),
  name: 'group',
  description: '',
  authorizedUserIds: members,
  ownerId: members[0] ?? null,
  createdAt: 0,
  updatedAt: 0,
})

export const newSend = (groupId: string, senderId: string, content: string): Send => ({
  id: newId(),
  groupId,
  senderId,
  content,
  createdAt: 0,
  clientId: null,
  sendHash: null,
})
