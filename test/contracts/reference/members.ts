import type { MemberStore } from '../../../src/store/members.ts'
import type { Contents } from './kept.ts'

export function referenceMembers({ groups, membership }: Contents): MemberStore {
  const among: MemberStore['among'] = async (groupId, userIds) => {
    const kept = groups.get(groupId)
    const group = membership(groupId, '')?.group
    return kept && group ? { group, userIds: new Set(userIds.filter((id) => kept.members.has(id))) } : null
  }
  return { read: async (groupId, userId) => membership(groupId, userId), among, confirm: among }
}
