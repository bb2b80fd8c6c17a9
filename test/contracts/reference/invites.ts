import { requireMay, requireNotBanned } from '../../../src/domain/access.ts'
import { ChatError, notFound } from '../../../src/domain/errors.ts'
import { type Invite, isLive, requireRoomForInvite, requireUsable } from '../../../src/domain/invite.ts'
import { limits } from '../../../src/domain/limits.ts'
import type { InviteStore } from '../../../src/store/invites.ts'
import type { MemberStore } from '../../../src/store/members.ts'
import type { Contents } from './kept.ts'

export function referenceInvites({ all, membership, need }: Contents, members: MemberStore): InviteStore {
  const find = (code: string): Invite | undefined =>
    all()
      .flatMap(({ invites }) => invites)
      .find((invite) => invite.code === code)

  return {
    async create(invite, by) {
      const { groupId, createdAt } = invite
      requireMay('moderate', membership(groupId, by.userId), by, createdAt)
      const kept = need(groupId)
      requireRoomForInvite(kept.invites.filter((one) => isLive(one, createdAt)).length)
      if (find(invite.code)) throw new ChatError('conflict', 'taken')
      while (kept.invites.length >= limits.keptInvites)
        kept.invites.splice(
          kept.invites.findIndex((one) => !isLive(one, createdAt)),
          1,
        )
      kept.invites.push(invite)
      kept.invites.sort((a, b) => a.createdAt - b.createdAt || (a.code < b.code ? -1 : 1))
      return { value: invite, changes: [] }
    },
    async remove(groupId, code, by, at) {
      requireMay('moderate', membership(groupId, by.userId), by, at)
      const kept = need(groupId)
      const wasThere = kept.invites.some((invite) => invite.code === code)
      kept.invites = kept.invites.filter((invite) => invite.code !== code)
      return { value: wasThere, changes: [] }
    },
    async list(groupId, by, at) {
      requireMay('moderate', membership(groupId, by.userId), by, at)
      return need(groupId).invites.filter(({ expiresAt }) => expiresAt > at)
    },
    read: async (code) => find(code) ?? null,
    async accept(code, by, at) {
      const invite = find(code)
      if (!invite) throw notFound('invite')
      const { groupId, createdBy } = invite
      const own = membership(groupId, by.userId)
      if (own) requireNotBanned(own, by, at)
      if (own?.member) return { value: groupId, changes: [] }
      requireUsable(invite, membership(groupId, createdBy), at)
      const { changes } = await members.add(groupId, [by.userId], 'invited', by, at)
      const { invites } = need(groupId)
      invites[invites.indexOf(invite)] = { ...invite, uses: invite.uses + 1 }
      return { value: groupId, changes }
    },
  }
}
