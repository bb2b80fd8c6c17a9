import type { Member } from '../../../src/client/types.ts'
import { type Cell, createCell } from '../model/cell.ts'
import type { ChatModel, Conversation } from '../model/types.ts'

export interface MembersFound {
  /** Those who are loaded, and those who were found. */
  readonly members: Cell<readonly Member[]>
  /** In a group whose members are not all loaded, the service is asked for those whose names begin so. */
  look(query: string): void
}

const pauseMs = 200

/** The members of the group, as far as they are known; a large group is never loaded as a whole to find one of them. */
export function findMembers(
  { model, conversation }: { model: ChatModel; conversation: Conversation },
  signal: AbortSignal,
): MembersFound {
  const members = createCell<readonly Member[]>([])
  const found = new Map<string, Member>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let wanted = ''

  const tell = (): void => {
    const listed = conversation.people.value.members
    const known = new Set(listed.map(({ user_id: id }) => id))
    members.set([...listed, ...[...found.values()].filter(({ user_id: id }) => !known.has(id))])
  }
  const ask = async (query: string): Promise<void> => {
    try {
      const page = await model.chat.groups.members(conversation.id, { q: query, limit: 20 })
      if (signal.aborted) return
      for (const member of page.members) found.set(member.user_id, member)
      tell()
    } catch {
      // Without an answer there are those who are known. It is asked again with the next letter.
    }
  }
  conversation.people.listen(tell, signal)
  signal.addEventListener('abort', () => clearTimeout(timer))

  return {
    members,
    look(query) {
      if (query === wanted || conversation.people.value.isWhole) return
      wanted = query
      clearTimeout(timer)
      if (query) timer = setTimeout(() => void ask(query), pauseMs)
    },
  }
}
