import { Type } from 'typebox'
import { Emoji } from '../../domain/emoji.ts'
import { ChatError } from '../../domain/errors.ts'
import { type Message, MessageEdit, messageView, NewMessage } from '../../domain/message.ts'
import { NewReadMark, readStateView } from '../../domain/read.ts'
import { Id } from '../../domain/text.ts'
import { type FrameTarget, frame, type Re } from '../../ws/frames.ts'
import { reactedView } from './reactions.ts'

const TypingState = Type.Union([Type.Literal('start'), Type.Literal('stop')])

/** What a client may send, by `type`. The answer to a frame with an `id` carries it as `re`. `prefix`: what the paths of the API begin with. */
export function createFrames(prefix: string) {
  const ackMessage = (target: FrameTarget, re: Re, message: Message): void =>
    target.send({ type: 'ack', ...re, message: messageView(message, prefix, target.chat.people.of) })

  return {
    ping: frame({}, (target, _, re) => {
      target.rates.requests.take(target.by.userId)
      target.send({ type: 'pong', ...re })
    }),

    typing: frame(
      { group_id: Type.Optional(Id), content: Type.Optional(TypingState), state: Type.Optional(TypingState) },
      (target, { group_id, content = 'start', state = content }) => {
        const subscriber = target.subscriberOf(target.groupOf(group_id))
        if (!subscriber) throw new ChatError('forbidden', 'Subscribe to the group first.')
        target.chat.live.typing(target.by, subscriber, state)
      },
    ),

    message: frame({ ...NewMessage.properties, group_id: Type.Optional(Id) }, async (target, said, re) => {
      const { message } = await target.chat.messages.send(target.by, target.groupOf(said.group_id), said)
      ackMessage(target, re, message)
    }),

    edit: frame({ ...MessageEdit.properties, message_id: Id }, async (target, edit, re) => {
      ackMessage(target, re, await target.chat.messages.edit(target.by, edit.message_id, edit))
    }),

    delete: frame({ message_id: Id }, async (target, { message_id }, re) => {
      ackMessage(target, re, await target.chat.messages.remove(target.by, message_id))
    }),

    react: frame({ message_id: Id, emoji: Emoji }, async (target, { message_id, emoji }, re) => {
      const reacted = await target.chat.reactions.add(target.by, message_id, emoji)
      target.send({ type: 'ack', ...re, message_id, ...reactedView(reacted) })
    }),

    unreact: frame({ message_id: Id, emoji: Emoji }, async (target, { message_id, emoji }, re) => {
      const reacted = await target.chat.reactions.remove(target.by, message_id, emoji)
      target.send({ type: 'ack', ...re, message_id, ...reactedView(reacted) })
    }),

    pin: frame({ message_id: Id }, async (target, { message_id }, re) => {
      ackMessage(target, re, await target.chat.pins.add(target.by, message_id))
    }),

    unpin: frame({ message_id: Id }, async (target, { message_id }, re) => {
      ackMessage(target, re, await target.chat.pins.remove(target.by, message_id))
    }),

    read: frame({ ...NewReadMark.properties, group_id: Type.Optional(Id) }, async (target, said, re) => {
      const group_id = target.groupOf(said.group_id)
      const state = await target.chat.reads.mark(target.by, group_id, said.seq, target)
      target.send({ type: 'ack', ...re, group_id, ...readStateView(state) })
    }),

    subscribe: frame(
      { group_id: Id, after: Type.Optional(Type.String({ maxLength: 128 })) },
      async (target, { group_id, after }, re) => {
        target.rates.subscriptions.take(target.by.userId)
        await target.subscribe(group_id, after)
        target.send({ type: 'ack', ...re, group_id })
      },
    ),

    unsubscribe: frame({ group_id: Id }, async (target, { group_id }, re) => {
      target.rates.subscriptions.take(target.by.userId)
      await target.unsubscribe(group_id)
      target.send({ type: 'ack', ...re, group_id })
    }),

    auth: frame({ token: Type.String() }, async (target, { token }, re) => {
      const expiresAt = await target.renew(token)
      target.send({ type: 'ack', ...re, expires_at: new Date(expiresAt).toISOString() })
    }),
  }
}
