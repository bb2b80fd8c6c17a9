import type { GroupSummary } from '../../domain/group.ts'
import type { Message } from '../../domain/message.ts'
import type { PersonOf } from '../../domain/person.ts'

/** So many characters of a message are sent. */
const mostContent = 140

interface About {
  unread: number
  personOf: PersonOf
  withContent: boolean
}

/** What a browser's service worker gets, as JSON. A direct chat has no name, and no text is sent where it is not wanted. */
export function payloadOf(
  group: Pick<GroupSummary, 'id' | 'name'>,
  { senderId, content }: Pick<Message, 'senderId' | 'content'>,
  { unread, personOf, withContent }: About,
): Buffer {
  const characters = [...content]
  const shortened =
    characters.length > mostContent ? `${characters.slice(0, mostContent - 1).join('')}…` : content
  return Buffer.from(
    JSON.stringify({
      group_id: group.id,
      group: group.name || null,
      sender: personOf(senderId).display_name,
      content: withContent ? shortened : null,
      url: `/chat-ui#group=${group.id}`,
      unread,
    }),
  )
}
