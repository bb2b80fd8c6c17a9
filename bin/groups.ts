import type { GroupView } from '../src/domain/group.ts'
import type { Api } from './api.ts'

const pageSize = 100
/** The service answers no page of groups beyond this one. */
const lastPage = 100

/** A group as the list of the user's groups has it. */
export type OwnGroup = GroupView & { readonly unread_count: number; readonly mention_count: number }

/** All groups of the user whose token `api` has. */
export async function groupsOf(api: Api): Promise<OwnGroup[]> {
  const all: OwnGroup[] = []
  for (let page = 1; page <= lastPage; page++) {
    const path = `/groups?page=${page}&page_size=${pageSize}`
    const { groups, has_more } = await api.call<{ groups: OwnGroup[]; has_more: boolean }>('GET', path)
    all.push(...groups)
    if (!has_more) break
  }
  return all
}
