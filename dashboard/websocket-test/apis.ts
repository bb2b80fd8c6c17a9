/** What is known of the socket by what went over it: templates name what there is. */
export interface Known {
  readonly token: string
  readonly groupId: string
  readonly messageId: string
  readonly seq: number
  /** For the answer to carry: another one for each frame. */
  readonly id: number
  /** By which a message that is sent twice stays one. */
  readonly clientId: string
}

export interface Api {
  readonly name: string
  /** Of the socket for all that the user may hear, after the prefix of the core's paths. */
  readonly socketPath: (prefix: string) => string
  /** One for each frame that a client may send. */
  readonly frames: Readonly<Record<string, (known: Known) => object>>
}

/** The APIs that a service may speak. */
export const apis: readonly Api[] = [
  {
    name: 'core',
    socketPath: (prefix) => `${prefix}/ws`,
    frames: {
      message: ({ groupId, clientId }) => ({ group_id: groupId, content: 'Hello', client_id: clientId }),
      edit: ({ messageId }) => ({ message_id: messageId, content: 'Hello again' }),
      delete: ({ messageId }) => ({ message_id: messageId }),
      react: ({ messageId }) => ({ message_id: messageId, emoji: '👍' }),
      unreact: ({ messageId }) => ({ message_id: messageId, emoji: '👍' }),
      pin: ({ messageId }) => ({ message_id: messageId }),
      unpin: ({ messageId }) => ({ message_id: messageId }),
      read: ({ groupId, seq }) => ({ group_id: groupId, seq }),
      typing: ({ groupId }) => ({ group_id: groupId, state: 'start' }),
      subscribe: ({ groupId }) => ({ group_id: groupId }),
      unsubscribe: ({ groupId }) => ({ group_id: groupId }),
      auth: ({ token }) => ({ token }),
      ping: () => ({}),
    },
  },
]

/** What is sent as it is: the template of a frame, with what is known in its places. */
export const fill = (api: Api, type: string, known: Known): string =>
  JSON.stringify({ type, ...api.frames[type]?.(known), id: known.id }, null, 2)
