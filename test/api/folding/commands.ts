import fc from 'fast-check'
import type { World } from './world.ts'

/** One thing that somebody does, at one instance. */
export interface Command {
  readonly kind: keyof typeof kinds
  /** The users who does it, and to whom. */
  readonly who: number
  readonly whom: number
  /** Which of the messages so far, the latest being 0. */
  readonly message: number
  readonly choice: number
  readonly instance: number
}

/** What the commands of a run work on. */
export interface Scene {
  readonly world: World
  readonly groupId: string
  readonly users: readonly string[]
  /** All that were sent, oldest first. */
  readonly messages: string[]
  readonly pause: () => Promise<void>
}

type Call = [method: string, path: string, body?: object]

const emoji = ['👍', '🎉', '❤️']
const soon = () => new Date(Date.now() + 3_600_000).toISOString()

const user = ({ users }: Scene, n: number): string => users[n % users.length] as string

/** The call that a command makes; null when there is nothing yet that it could be about. */
const kinds = {
  send({ groupId, messages, ...scene }: Scene, { choice, message, whom }: Command): Call {
    const replyTo = messages.at(-1 - message)
    return [
      'POST',
      `/groups/${groupId}/messages`,
      {
        content: `message ${choice}`,
        ...(choice % 3 === 0 && replyTo && { reply_to: replyTo }),
        ...(choice % 4 === 1 && { mentions: [user({ groupId, messages, ...scene }, whom)] }),
        ...(choice % 5 === 2 && { mention_all: true }),
        ...(choice % 5 === 3 && { metadata: { choice } }),
      },
    ]
  },
  edit: (scene: Scene, command: Command) =>
    onMessage(scene, command, 'PUT', '', {
      content: `edited ${command.choice}`,
      ...(command.choice % 3 === 0 && { mentions: [user(scene, command.whom)] }),
    }),
  delete: (scene: Scene, command: Command) => onMessage(scene, command, 'DELETE', ''),
  restore: (scene: Scene, command: Command) => onMessage(scene, command, 'POST', '/restore'),
  react: (scene: Scene, command: Command) => onMessage(scene, command, 'PUT', reactionPath(command)),
  unreact: (scene: Scene, command: Command) => onMessage(scene, command, 'DELETE', reactionPath(command)),
  pin: (scene: Scene, command: Command) => onMessage(scene, command, 'PUT', '/pin'),
  unpin: (scene: Scene, command: Command) => onMessage(scene, command, 'DELETE', '/pin'),
  read: ({ groupId }: Scene, { choice }: Command): Call => [
    'PUT',
    `/groups/${groupId}/read`,
    { seq: choice },
  ],
  add: (scene: Scene, { whom }: Command): Call => [
    'POST',
    `/groups/${scene.groupId}/members`,
    { user_id: user(scene, whom) },
  ],
  join: ({ groupId }: Scene): Call => ['POST', `/groups/${groupId}/join`],
  leave: (scene: Scene, { who }: Command): Call => onUser(scene, 'DELETE', 'members', who),
  remove: (scene: Scene, { whom }: Command): Call => onUser(scene, 'DELETE', 'members', whom),
  role: (scene: Scene, { whom, choice }: Command): Call =>
    onUser(scene, 'PATCH', 'members', whom, { role: ['owner', 'admin', 'member'][choice % 3] }),
  mute: (scene: Scene, { whom, choice }: Command): Call =>
    onUser(scene, 'PATCH', 'members', whom, { muted_until: choice % 2 ? soon() : null }),
  ban: (scene: Scene, { whom }: Command): Call => onUser(scene, 'PUT', 'bans', whom, {}),
  unban: (scene: Scene, { whom }: Command): Call => onUser(scene, 'DELETE', 'bans', whom),
  change: ({ groupId }: Scene, { choice }: Command): Call => [
    'PUT',
    `/groups/${groupId}`,
    [
      { name: `name ${choice}` },
      { description: `about ${choice}` },
      { visibility: choice % 2 ? 'open' : 'private' },
      { post_policy: choice % 4 ? 'everyone' : 'admins' },
      { metadata: { choice } },
    ][choice % 5] as object,
  ],
}

const reactionPath = ({ choice }: Command): string =>
  `/reactions/${encodeURIComponent(emoji[choice % emoji.length] as string)}`

function onMessage(
  { messages }: Scene,
  { message }: Command,
  method: string,
  path: string,
  body?: object,
): Call | null {
  const id = messages.at(-1 - message)
  return id === undefined ? null : ([method, `/messages/${id}${path}`, ...(body ? [body] : [])] as Call)
}

const onUser = (scene: Scene, method: string, of: string, n: number, body?: object): Call =>
  [method, `/groups/${scene.groupId}/${of}/${user(scene, n)}`, ...(body ? [body] : [])] as Call

/** So often does each come beside the others. */
const weights: Record<keyof typeof kinds, number> = {
  send: 12,
  edit: 4,
  delete: 3,
  restore: 2,
  react: 5,
  unreact: 2,
  pin: 3,
  unpin: 1,
  read: 2,
  add: 4,
  join: 2,
  leave: 1,
  remove: 2,
  role: 4,
  mute: 2,
  ban: 2,
  unban: 3,
  change: 3,
}

const kind = fc.oneof(
  ...Object.entries(weights).map(([name, weight]) => ({
    weight,
    arbitrary: fc.constant(name as keyof typeof kinds),
  })),
)

export const command: fc.Arbitrary<Command> = fc.record(
  {
    kind,
    // Much is for owners and operators, so that they have more to do than the others.
    who: fc.oneof(fc.constantFrom(0, 5), fc.nat(5)),
    whom: fc.nat(5),
    message: fc.nat(6),
    choice: fc.nat(20),
    instance: fc.nat(1),
  },
  { noNullPrototype: true },
)

/** What may be answered to anybody who tries anything. */
const statuses = [200, 201, 204, 403, 404, 409, 422]

/** Does it, as the service lets them. Throws when it was answered in a way that nothing is. */
export async function run(scene: Scene, given: Command): Promise<void> {
  const call = kinds[given.kind](scene, given)
  if (!call) return
  const [method, path, body] = call
  const api = scene.world.api(given.instance, user(scene, given.who))
  const answer = await api.call(method, path, body && { body })
  if (!statuses.includes(answer.status))
    throw new Error(`${method} ${path} ${JSON.stringify(body)}: ${answer.status} ${answer.text}`)
  if (given.kind === 'send' && answer.status === 201) scene.messages.push(String(answer.body.id))
}
