import assert from 'node:assert/strict'
import type { Rest } from '../../support/rest.ts'
import { people, type Who } from './people.ts'

/** The ids that paths and bodies of the tables name. Those that a call does not name are not made, because each costs. */
export type Scene = Readonly<Record<string, string>>

export const soon = new Date(Date.now() + 3_600_000).toISOString()

/**
 * A group in which the one who asks is what they are called, with what `asked` names: `:other`, a message of an ordinary member,
 * `:mine`, one of the one who asks (sent before anybody could keep them from it) or of that member where they can have none,
 * `:file`, a file of that member, `:own`, one as `:mine`, and `:link`, the query of a link that opens `:file`,
 * `:deleted`, one that is deleted, `:invite`, and `gone`, somebody who is banned.
 */
export async function createScene(rest: Rest, who: Who, asked: string): Promise<Scene> {
  const person = people[who]
  const as = person.as ?? 'nobody'
  const isBanned = who === 'banned'
  const must = async (method: string, path: string, body?: object, by = 'owner') => {
    const answer = await rest.call(method, path, { as: by, ...(body && { body }) })
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`)
    return answer.body as Record<string, unknown>
  }
  const names = (name: string) => asked.includes(name)

  const isMember = person.role !== null || isBanned
  const authorized_user_ids = ['owner', 'other', 'target', ...(isMember ? [as] : [])]
  const { visibility } = person
  const group = String(
    (await must('POST', '/groups', { name: 'Access', visibility, authorized_user_ids })).id,
  )
  const inGroup = `/groups/${group}`
  const sent = async (content: string, by: string) => (await rest.send(group, content, { as: by })).id

  const scene: Record<string, string> = {
    group,
    me: encodeURIComponent(as),
    emoji: encodeURIComponent('👍'),
  }
  // Read marks and pages of messages need one, too.
  scene.other = await sent('of another', 'other')
  if (names(':deleted')) {
    scene.deleted = await sent('soon gone', 'other')
    await must('DELETE', `/messages/${scene.deleted}`, undefined, 'other')
  }
  const sends = who !== 'anonymous' && who !== 'outsider'
  if (names(':mine')) scene.mine = sends ? await sent('of my own', as) : scene.other
  const uploaded = async (by: string) => String((await must('POST', `${inGroup}/files`, {}, by)).id)
  if (names(':file')) scene.file = await uploaded('other')
  if (names(':own')) scene.own = await uploaded(sends ? as : 'other')
  if (names(':link')) {
    const { url } = await must('POST', `/files/${scene.file}/link`)
    scene.link = String(url).split('?')[1] ?? ''
  }
  if (names(':invite')) scene.invite = String((await must('POST', `${inGroup}/invites`, {})).code)
  if (names(':report')) {
    const path = `/messages/${scene.other}/reports`
    scene.report = String((await must('POST', path, { reason: 'spam' })).id)
  }
  if (names('/gone')) await must('PUT', `${inGroup}/bans/gone`, {})
  if (who === 'admin') await must('PATCH', `${inGroup}/members/${as}`, { role: 'admin' })
  if (who === 'muted') await must('PATCH', `${inGroup}/members/${as}`, { muted_until: soon })
  if (isBanned) await must('PUT', `${inGroup}/bans/${as}`, {})
  return scene
}

/** Puts the scene's ids in place of their `:names`. */
export const filled = (text: string, scene: Scene): string =>
  text.replace(/:([a-z]+)\b/g, (_, name: string) => {
    const id = scene[name]
    assert.ok(id !== undefined, `no :${name} in the scene`)
    return id
  })
