/** How a user's groups are listed. */
export interface GroupListing {
  readonly offset: number
  readonly limit: number
  /** `created` unless given: the newest first. `activity`: the one with the latest message first. */
  readonly sort?: GroupSort | undefined
  /** Only groups whose name begins so, or one of the words of its name, in whatever case. */
  readonly q?: string | undefined
  /** Also the groups that the user has hidden. */
  readonly hidden?: boolean | undefined
}

/** The groups that a user has marked in a way that lists show, by id. */
export interface GroupMarks {
  /** They come first. */
  readonly pinned: ReadonlySet<string>
  readonly hidden: ReadonlySet<string>
}

const noMarks: GroupMarks = { pinned: new Set(), hidden: new Set() }

export type GroupSort = 'name' | 'created' | 'activity'

/** A group, as far as lists are made by it. Times are milliseconds since 1970. */
export interface ListedGroup {
  readonly id: string
  readonly name: string
  readonly createdAt: number
  /** When the last message was sent; null when there never was one. */
  readonly lastMessageAt: number | null
}

/** True for the listing that a store can read without looking at all of the user's groups. */
export const isByCreation = (
  { sort = 'created', q }: GroupListing,
  { pinned, hidden }: GroupMarks = noMarks,
): boolean => sort === 'created' && folded(q) === '' && !pinned.size && !hidden.size

/** The ids of the page, and how many groups there are on all pages. */
export function pageOfGroups(
  all: readonly ListedGroup[],
  listing: GroupListing,
  marks: GroupMarks = noMarks,
): { ids: string[]; total: number } {
  const { offset, limit, sort = 'created', q, hidden = false } = listing
  const wanted = folded(q)
  const found = all.filter(
    ({ id, name }) => (hidden || !marks.hidden.has(id)) && (!wanted || hasWord(folded(name), wanted)),
  )
  const pinnedFirst: Order = (a, b) => Number(marks.pinned.has(b.id)) - Number(marks.pinned.has(a.id))
  found.sort((a, b) => pinnedFirst(a, b) || orders[sort](a, b))
  return { ids: found.slice(offset, offset + limit).map(({ id }) => id), total: found.length }
}

const folded = (text = ''): string => text.normalize('NFKC').toLowerCase().trim()

/** True when the name begins with these letters, or one of its words does. */
function hasWord(name: string, wanted: string): boolean {
  for (let at = name.indexOf(wanted); at >= 0; at = name.indexOf(wanted, at + 1))
    if (!/[\p{L}\p{M}\p{N}]$/u.test(name.slice(0, at))) return true
  return false
}

type Order = (a: ListedGroup, b: ListedGroup) => number

const collator = new Intl.Collator('en')
const byId: Order = (a, b) => (a.id < b.id ? -1 : 1)
const newestFirst: Order = (a, b) => b.createdAt - a.createdAt || byId(b, a)

/** A group without messages counts from when it was made. */
export const activeAt = ({ lastMessageAt, createdAt }: ListedGroup): number => lastMessageAt ?? createdAt

const orders: Readonly<Record<GroupSort, Order>> = {
  name: (a, b) => collator.compare(a.name, b.name) || byId(a, b),
  created: newestFirst,
  activity: (a, b) => activeAt(b) - activeAt(a) || newestFirst(a, b),
}
