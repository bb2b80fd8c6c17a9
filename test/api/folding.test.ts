import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import type { MessageView } from '../../src/domain/message.ts'
import { eventually } from '../support/eventually.ts'
import { readGroup } from '../support/folded.ts'
import { type Command, command, run, type Scene } from './folding/commands.ts'
import { startWorld } from './folding/world.ts'

/**
 * Whatever several people do, at any instance: who follows a group from its events has what somebody reads anew, and what is counted
 * is what can be counted by hand. FOLDING_RUNS sequences; FAST_CHECK_SEED repeats those of a failure.
 */
const runs = Number(process.env.FOLDING_RUNS ?? 10)
const longest = 50

const world = await startWorld()
after(world.close)

const users = ['ann', 'bob', 'cat', 'dan', 'eve', 'root (admin)']

type Step =
  | { readonly kind: 'together'; readonly commands: readonly Command[] }
  | { readonly kind: 'reconnect' }
  | { readonly kind: 'restart'; readonly instance: number }
  | { readonly kind: 'hand edit'; readonly change: 'add' | 'remove'; readonly whom: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 40,
    arbitrary: fc
      .array(command, { minLength: 1, maxLength: 3 })
      .map((commands): Step => ({ kind: 'together', commands })),
  },
  { weight: 4, arbitrary: fc.constant<Step>({ kind: 'reconnect' }) },
  { weight: 1, arbitrary: fc.nat(1).map((instance): Step => ({ kind: 'restart', instance })) },
  ...(world.byHand
    ? [
        {
          weight: 3,
          arbitrary: fc
            .record({ change: fc.constantFrom('add' as const, 'remove' as const), whom: fc.nat(4) })
            .map((edit): Step => ({ kind: 'hand edit', ...edit })),
        },
      ]
    : []),
)

test(`state that is folded from events equals a fresh fetch, ${runs} times`, async () => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: longest, size: 'max' }), async (steps) => {
    const { id: groupId } = await world.api(0, 'ann').createGroup('a group', ['bob', 'cat'])
    const scene: Scene = { world, groupId, users, messages: [], pause: async () => undefined }
    const followers = await Promise.all([1, 2].map(() => world.follow(groupId)))
    try {
      for (const each of steps) {
        if (each.kind === 'together') {
          await Promise.all(each.commands.map((one) => run(scene, one)))
          // With the last owner, alone, goes the group, and there is nothing to compare.
          if (
            each.commands.some(({ kind }) => kind === 'leave' || kind === 'remove') &&
            (await isGone(groupId))
          )
            return
        } else if (each.kind === 'reconnect') await followers[0]?.reconnect()
        else if (each.kind === 'hand edit')
          await world.byHand?.(groupId, each.change, users[each.whom] as string)
        else {
          await world.restart(each.instance)
          for (const follower of followers) await follower.reconnect()
        }
      }
      await Promise.all(
        [0, 1].slice(0, world.instances).map((instance) => compare(scene, instance, followers)),
      )
    } finally {
      for (const follower of followers) await follower.close()
    }
  })
  const seed = process.env.FAST_CHECK_SEED
  await fc.assert(property, { numRuns: runs, ...(seed === undefined ? {} : { seed: Number(seed) }) })
})

async function isGone(groupId: string): Promise<boolean> {
  return (await world.api(0, 'root (admin)').call('GET', `/groups/${groupId}`)).status === 404
}

type Followers = Awaited<ReturnType<typeof world.follow>>[]

/** Holds the followers to what this instance answers, as soon as all that happened has come to it and to them. */
async function compare({ groupId }: Scene, instance: number, followers: Followers): Promise<void> {
  const api = world.api(instance, 'root (admin)')
  const fresh = async () => (await readGroup(api, groupId)).state()
  const isEqual = async () => {
    const state = await fresh()
    return followers.every(({ folded }) => isDeepStrictEqual(folded.state(), state))
  }
  await eventually('all is equal', isEqual, 15_000).catch(() => undefined)
  const state = await fresh()
  for (const { folded, complaints } of followers) {
    assert.deepEqual(complaints, [])
    assert.deepEqual(folded.state(), state)
  }
  await counted(instance, groupId)
}

/** What is kept as a number is what the messages say. */
async function counted(instance: number, groupId: string): Promise<void> {
  const operator = world.api(instance, 'root (admin)')
  const messages = await operator.history(groupId)
  const { body } = await operator.call('GET', `/groups/${groupId}/messages`)
  assert.equal(body.total, messages.length)
  for (const message of messages) {
    const answers = messages.filter(({ reply_to }) => reply_to === message.id)
    assert.equal(message.reply_count, answers.length, `answers to ${message.seq}`)
  }
  for (const user of ['ann', 'bob', 'cat', 'dan', 'eve']) {
    const { status, body: group } = await world.api(instance, user).call('GET', `/groups/${groupId}`)
    if (status !== 200 || group.role == null) continue
    const unread = messages.filter(({ seq, sender_id }) => seq > Number(group.read_seq) && sender_id !== user)
    const mentions = unread.filter(({ mention_all, mentions }) => mention_all || mentions.includes(user))
    assert.equal(group.unread_count, unread.length, `unread of ${user}`)
    assert.equal(group.mention_count, mentions.length, `mentions of ${user}`)
    const last = group.last_message as MessageView | null
    assert.equal(last?.id, messages.at(-1)?.id, `the last message, for ${user}`)
  }
}
