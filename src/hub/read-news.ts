import type { Told } from './audience.ts'

/** A member who has read further. */
export interface ReadNews {
  readonly userId: string
  readonly seq: number
  /** The group is so small that the others are told as well. */
  readonly isShared: boolean
  /** There may be some among the listeners who are no members, and are not told. */
  readonly hasGuests: boolean
  /** The reader that said so, if one did: it is not told. */
  readonly from?: object | undefined
}

/** Gathers what one turn of the event loop brings, of each user the last, because marks may come with every message. */
export function createReadNews(emit: (groupId: string, news: readonly ReadNews[]) => void) {
  let gathered = new Map<string, Map<string, ReadNews>>()

  function emitGathered(): void {
    const all = gathered
    gathered = new Map()
    for (const [groupId, news] of all) emit(groupId, [...news.values()])
  }

  return {
    add(groupId: string, news: ReadNews): void {
      if (!gathered.size) setImmediate(emitGathered)
      const ofGroup = gathered.get(groupId) ?? new Map<string, ReadNews>()
      gathered.set(groupId, ofGroup.set(news.userId, news))
    },
  }
}

export const toldOf = (groupId: string, { userId, seq, isShared, from }: ReadNews): Told => ({
  event: { type: 'read', groupId, userId, seq },
  userId,
  isShared,
  from,
})
