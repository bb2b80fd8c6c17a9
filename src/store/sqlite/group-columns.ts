import type { Group, GroupSummary } from '../../domain/group.ts'
import { columns, type Declared, json, list } from './engine/columns.ts'

const declared: Declared<Group> = {
  id: 'id',
  number: 'number',
  kind: 'kind',
  name: 'name',
  description: 'description',
  visibility: 'visibility',
  postPolicy: 'post_policy',
  metadata: ['metadata', json],
  avatarUrl: 'avatar_url',
  retentionDays: 'retention_days',
  ownerIds: ['owner_ids', list],
  createdAt: 'created_at',
  updatedAt: 'updated_at',
}

/** A group, for those who need not know how many are in it. */
export const group = columns<Group>(declared)

/** A group as its own row has it: the members have rows of their own. */
export type GroupRow = Omit<GroupSummary, 'authorizedUserIds'>

export const groupRow = columns<GroupRow>({ ...declared, memberCount: 'member_count' })
