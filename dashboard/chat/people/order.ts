import type { Member, Role } from '../../../src/client/types.ts'
import { foldName, nameFits } from '../composer/mention.ts'

const ranks: Record<Role, number> = { owner: 0, admin: 1, member: 2 }
const names = new Intl.Collator('en', { sensitivity: 'base', numeric: true })

/** Owners, then admins, then members; of each by name. */
export function orderPeople(members: readonly Member[]): readonly Member[] {
  return members.toSorted(
    (a, b) =>
      ranks[a.role] - ranks[b.role] ||
      names.compare(a.display_name, b.display_name) ||
      names.compare(a.username, b.username),
  )
}

/** Orders a list again only when somebody in it came, went or changed: who is connected changes far more often. */
export function createOrder(): (members: readonly Member[]) => readonly Member[] {
  let before: readonly Member[] = []
  let ordered: readonly Member[] = []
  return (members) => {
    if (members.length !== before.length || members.some((member, i) => member !== before[i]))
      ordered = orderPeople(members)
    before = members
    return ordered
  }
}

export interface PeopleParts {
  readonly online: readonly Member[]
  readonly offline: readonly Member[]
}

/** Those whose name fits, in their order, by whether they are connected. */
export function partPeople(
  members: readonly Member[],
  online: ReadonlySet<string>,
  filter: string,
): PeopleParts {
  const wanted = foldName(filter.trim())
  const fitting = wanted
    ? members.filter(
        ({ username, display_name: name }) => foldName(username).startsWith(wanted) || nameFits(name, wanted),
      )
    : members
  const parts: { online: Member[]; offline: Member[] } = { online: [], offline: [] }
  for (const member of fitting) parts[online.has(member.user_id) ? 'online' : 'offline'].push(member)
  return parts
}
