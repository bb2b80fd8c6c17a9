import type { ChatModel, Conversation } from '../model/types.ts'
import type { FindMention } from './format.ts'

/** Who is called what in a conversation: its members, and whoever wrote in it. */
export interface Names {
  nameOf(userId: string): string | undefined
  findMention: FindMention
}

export function createNames({
  model,
  conversation,
}: {
  model: ChatModel
  conversation: Conversation
}): Names {
  const byId = new Map<string, string>()
  const usernames = new Set<string>()
  let members: unknown
  let messages: unknown

  function learn(): void {
    const people = conversation.people.value.members
    if (people !== members) {
      members = people
      for (const { user_id, display_name, username } of people) {
        byId.set(user_id, display_name || username)
        usernames.add(username.toLowerCase())
      }
    }
    const loaded = conversation.timeline.value.messages
    if (loaded === messages) return
    messages = loaded
    // The latest are enough: whoever is asked about is a reader or a writer of now.
    for (const { sender } of loaded.slice(-200)) {
      if (!byId.has(sender.id)) byId.set(sender.id, sender.display_name || sender.username)
      usernames.add(sender.username.toLowerCase())
    }
  }

  return {
    nameOf(userId) {
      learn()
      return byId.get(userId)
    },
    findMention(name) {
      learn()
      const written = name.toLowerCase()
      if (written === 'all') return 'own'
      if (written === model.me.value?.username.toLowerCase()) return 'own'
      return usernames.has(written) ? 'other' : null
    },
  }
}
