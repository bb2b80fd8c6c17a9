import { revisionsOf } from '../../../src/domain/revision.ts'
import type { RevisionStore } from '../../../src/store/revisions.ts'
import type { Contents } from './kept.ts'

export const referenceRevisions = ({ groups, findMessage }: Contents): RevisionStore => ({
  async list(id) {
    const message = findMessage(id)
    const replaced = message && groups.get(message.groupId)?.replaced.get(id)
    return message && !message.isDeleted ? revisionsOf(replaced ?? [], message.createdAt) : []
  },
})
