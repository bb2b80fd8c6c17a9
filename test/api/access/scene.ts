import assert from 'node:assert/strict'
import type { Rest } from '../../support/rest.ts'
import { people, type Who } from './people.ts'

/** The ids that paths and bodies of the tables name. */
export interface Scene extends Record<string, string> {
  group: string
  /** A message of `other`, an ordinary member. */
  other: string
  /** A message of the one who asks, or of `other` where they can have none. */
  mine: string
  /** A message of `other` that is deleted. */
  deleted: string
  /** The one who asks, as a path names them. */
  me: string
  invite: string
  emoji: string
}

export const soon = new Date(Date.now() + 3_600_000).toISOString()

/** A group in which the one who asks is what they are called, and has sent a message before anybody could keep them from it. */
export async function createScene(rest: Rest, who: Who): Promise<Scene> {
  const person = people[who]
  const as = person.as ?? 'nobody'
  const isBanned = who === 'banned'
  const must = async (method: string, path: string, body?: object, by = 'owner') => {
    const answer = await rest.call(method, path, { as: by, ...(body && { body }) })
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`)
    return answer.body as Record<string, unknown>
  }

  const isMember = person.role !== null || isBanned
  const listed = ['owner', 'admin', 'other', 'target', ...(isMember ? [as] : [])]
  const { id: group } = await rest.group(...listed)
  if (person.visibility === 'open') await must('PUT', `/groups/${group}`, { visibility: 'open' })
  await must('PATCH', `/groups/${group}/members/admin`, { role: 'admin' })

  const { id: other } = await rest.send(group, 'of another', { as: 'other' })
  const { id: deleted } = await rest.send(group, 'soon gone', { as: 'other' })
  await must('DELETE', `/messages/${deleted}`, undefined, 'other')
  const sends = who !== 'anonymous' && who !== 'outsider'
  const mine = sends ? (await rest.send(group, 'of my own', { as })).id : other

  const { code } = await must('POST', `/groups/${group}/invites`, {})
  await must('PUT', `/groups/${group}/bans/gone`, {})
  if (who === 'muted') await must('PATCH', `/groups/${group}/members/${as}`, { muted_until: soon })
  if (isBanned) await must('PUT', `/groups/${group}/bans/${as}`, {})
  return {
    group,
    other,
    mine,
    deleted,
    me: encodeURIComponent(as),
    invite: String(code),
    emoji: encodeURIComponent('👍'),
  }
}

/** Puts the scene's ids in place of their `:names`. */
export const filled = (text: string, scene: Scene): string =>
  text.replace(/:([a-z]+)\b/g, (_, name: string) => {
    const id = scene[name]
    assert.ok(id !== undefined, `no :${name} in the scene`)
    return id
  })
