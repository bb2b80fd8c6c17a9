import type { Conversation } from '../model/types.ts'

interface Deps {
  readonly conversation: Conversation
  ownId(): string | undefined
  /** Whether the user has begun something else. */
  isElsewhere(): boolean
}

/**
 * Edits the last message of one's own. One that is on its way has no id yet: it is edited as soon as it has, unless the user goes on
 * with something else. Returns whether there is one.
 */
export function createEditLast({ conversation, ownId, isElsewhere }: Deps, signal: AbortSignal) {
  /** The user wants to edit what is on its way. */
  let isWanted = false

  const isUnderWay = (): boolean =>
    conversation.timeline.value.pending.some(({ state }) => state !== 'failed')

  function edit(): boolean {
    const own = conversation.timeline.value.messages.findLast(
      ({ sender_id: id, is_deleted: isDeleted }) => id === ownId() && !isDeleted,
    )
    if (own) conversation.edit(own.id)
    return own !== undefined
  }

  conversation.timeline.listen(() => {
    if (!isWanted || isUnderWay()) return
    isWanted = false
    if (!isElsewhere()) edit()
  }, signal)

  return (): boolean => {
    isWanted = isUnderWay()
    return isWanted || edit()
  }
}
