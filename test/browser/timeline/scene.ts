import { createCell } from '../../../dashboard/chat/model/cell.ts'
import type { ChatModel, Conversation, Notice, Timeline } from '../../../dashboard/chat/model/types.ts'
import { createTimeline } from '../../../dashboard/chat/timeline/timeline.ts'
import type { ChatFile, Group, Message, PendingSend, Person, Profile } from '../../../src/client/types.ts'
import { messageOf as sampleOf } from '../../page/model-samples.ts'

/** A timeline over a conversation that nobody serves: the test says what happens in it. */

const person = (id: string, display_name: string): Person => ({
  id,
  username: id,
  display_name,
  avatar_url: null,
})
const people = [
  person('testuser', 'Test User'),
  person('alice', 'Alice'),
  person('bob', 'Bob'),
  person('noor', 'نور'),
  person('chen', '陈小明'),
] as const
const [me] = people
const start = Date.now() - 30 * 3_600_000

export function messageOf(seq: number, changes: Partial<Message> = {}): Message {
  const sender = people[Math.floor(seq / 3) % 3] ?? me
  const at = new Date(start + seq * 20_000).toISOString()
  return sampleOf(seq, {
    sender_id: sender.id,
    sender,
    content: `Message ${seq}${' with some more words'.repeat((seq * 7) % 11)}`,
    created_at: at,
    updated_at: at,
    my_reactions: [],
    ...changes,
  })
}

const range = (from: number, to: number): Message[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => all.get(from + i) ?? messageOf(from + i))
/** What is not as `messageOf` makes it. */
const all = new Map<number, Message>()

const timeline = createCell<Timeline>({
  messages: [],
  pending: [],
  notices: [],
  isLoading: true,
  isStart: false,
  isEnd: true,
  unreadFrom: null,
})
const set = (changes: Partial<Timeline>): void => timeline.set({ ...timeline.value, ...changes })
const group = createCell({ id: 'g', name: 'general', kind: 'group', seq: 0 } as Group)
const rights = createCell({ mayWrite: true, whyNot: null, isAdmin: true, isOwner: false })
const reads = createCell<ReadonlyMap<string, number>>(new Map())
const editing = createCell<string | null>(null)
const target = createCell<{ readonly seq: number } | null>(null)
const members = people.map(({ id, username, display_name }) => ({
  user_id: id,
  username,
  display_name,
  role: 'member' as const,
  joined_at: '',
  muted_until: null,
}))

/** What the timeline asked for, in order. */
const calls: string[] = []
const reports: string[] = []

function put(message: Message): void {
  all.set(message.seq, message)
  set({ messages: timeline.value.messages.map((each) => (each.seq === message.seq ? message : each)) })
}

const conversation: Conversation = {
  id: 'g',
  group,
  rights,
  timeline,
  people: createCell({ members, online: new Set<string>(), isWhole: true }),
  typing: createCell([]),
  reads,
  replyTo: createCell(null),
  editing,
  target,
  uploads: createCell([]),
  async loadOlder() {
    const first = timeline.value.messages[0]?.seq ?? 1
    if (first <= 1 || timeline.value.isLoading) return
    calls.push('loadOlder')
    set({ isLoading: true })
    await new Promise((resolve) => setTimeout(resolve, 20))
    const from = Math.max(1, first - 50)
    set({
      messages: [...range(from, first), ...timeline.value.messages],
      isLoading: false,
      isStart: from === 1,
    })
  },
  async loadNewer() {
    const last = timeline.value.messages.at(-1)?.seq ?? 0
    calls.push('loadNewer')
    await new Promise((resolve) => setTimeout(resolve, 20))
    const to = Math.min(group.value.seq, last + 50)
    set({ messages: [...timeline.value.messages, ...range(last + 1, to + 1)], isEnd: to === group.value.seq })
  },
  async jumpTo(id) {
    const seq = Number(id.slice(1))
    calls.push(`jumpTo ${id}`)
    if (!timeline.value.messages.some((message) => message.seq === seq))
      scene.load(Math.max(1, seq - 50), Math.min(group.value.seq, seq + 50))
    target.set({ seq })
  },
  async jumpToNewest() {
    calls.push('jumpToNewest')
    scene.load(Math.max(1, group.value.seq - 49), group.value.seq)
  },
  seen: (seq) => calls.push(`seen ${seq}`),
  answer: (message) => calls.push(`answer ${message?.id}`),
  edit: (id) => editing.set(id),
  send() {},
  retry: (id) => calls.push(`retry ${id}`),
  discard: (id) => calls.push(`discard ${id}`),
  async saveEdit(id, text) {
    const message = timeline.value.messages.find((each) => each.id === id)
    if (message) put({ ...message, content: text, edited_at: new Date().toISOString(), ver: 2 })
    return true
  },
  async delete(id) {
    const message = timeline.value.messages.find((each) => each.id === id)
    if (message) put({ ...message, content: '', is_deleted: true })
  },
  async toggleReaction(message, emoji) {
    const isOn = message.my_reactions?.includes(emoji)
    const others = message.reactions.filter((each) => each.emoji !== emoji)
    const before = message.reactions.find((each) => each.emoji === emoji)
    const count = (before?.count ?? 0) + (isOn ? -1 : 1)
    const after = { emoji, count, user_ids: isOn ? [] : [me.id] }
    put({
      ...message,
      reactions: count > 0 ? [...others, after] : others,
      my_reactions: isOn ? [] : [emoji],
    })
  },
  async togglePin(message) {
    put({ ...message, pinned_at: message.pinned_at ? null : new Date().toISOString() })
  },
  typed() {},
  upload() {},
  removeUpload() {},
  async findPeople() {},
  async loadPeople() {},
  async setNotify() {},
}

let links = 0
const model = {
  me: createCell({ ...me, number: 1, created_at: '', last_seen_at: null } as Profile),
  report: (error: unknown) => reports.push(String(error)),
  chat: {
    files: {
      async link(id: string) {
        links++
        return { url: `/picture?${id}`, expires_at: new Date(Date.now() + 300_000).toISOString() }
      },
    },
    messages: { get: async (id: string) => messageOf(Number(id.slice(1))) },
  },
} as unknown as ChatModel

const scene = {
  messageOf,
  put,
  calls,
  reports,
  get links() {
    return links
  },
  set,
  reads,
  rights,
  target,
  editing,
  seqs: () => timeline.value.messages.map(({ seq }) => seq),
  /** The messages from one seq to another are loaded. */
  load(from: number, to: number, changes: Partial<Timeline> = {}) {
    const last = Math.max(to, group.value.seq)
    group.set({ ...group.value, seq: last })
    set({
      messages: range(from, to + 1),
      isLoading: false,
      isStart: from === 1,
      isEnd: to === last,
      ...changes,
    })
  },
  /** A new one comes in. */
  group: (changes: Partial<Group>) => group.set({ ...group.value, ...changes }),
  add(changes: Partial<Message> = {}) {
    const seq = group.value.seq + 1
    const message = messageOf(seq, { created_at: new Date().toISOString(), ...changes })
    all.set(seq, message)
    group.set({ ...group.value, seq })
    if (timeline.value.isEnd) set({ messages: [...timeline.value.messages, message] })
    return seq
  },
  get newest() {
    return group.value.seq
  },
  pend(clientId: string, content: string, state: PendingSend['state'], detail = '') {
    const others = timeline.value.pending.filter((send) => send.clientId !== clientId)
    const send: PendingSend = {
      clientId,
      groupId: 'g',
      content,
      state,
      queuedAt: Date.now(),
      options: {},
      ...(detail && { error: { code: 'refused', detail } }),
    }
    set({ pending: [...others, send] })
  },
  notice(afterSeq: number, text: string) {
    const notice: Notice = { id: afterSeq, afterSeq, at: start + afterSeq * 20_000, text }
    set({ notices: [...timeline.value.notices, notice] })
  },
  file: (changes: Partial<ChatFile>): ChatFile => ({
    id: 'f1',
    group_id: 'g',
    name: 'picture.png',
    type: 'image/png',
    size: 12_345,
    sha256: '',
    width: 800,
    height: 400,
    created_at: '',
    uploaded_by: me.id,
    url: '/files/f1',
    ...changes,
  }),
  people,
}

export type Scene = typeof scene
Object.assign(globalThis, { scene })
document
  .getElementById('place')
  ?.append(createTimeline({ model, conversation }, new AbortController().signal))
