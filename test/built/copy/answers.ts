import assert from 'node:assert/strict'
import { type AnyBody, type Api, baseOf } from '../../support/api.ts'
import type { Document } from '../../support/documented.ts'
import { eventually } from '../../support/eventually.ts'

/** A member, a guest, one who is banned, and an operator. */
const users = ['ann', 'dora', 'eve', 'ann (admin)']

/** Answers that are not of the data: who is connected. */
const isOfNow = /\/online$/

/** What differs from answer to answer, and what a store need not keep: the ids of the audit, and where its pages go on. */
const asTold = (path: string, text: string): string => {
  const told = text.replace(/"correlation_id":"[^"]*"/, '')
  // An export has a line for each thing, in an order that says nothing.
  if (path.endsWith('/export')) return told.split('\n').sort().join('\n')
  return path.startsWith('/audit') ? told.replace(/"(id|next)":"[\w-]+"/g, '') : told
}

/**
 * What everything that can be asked by GET answers to all users: the routes are those of the API's own document, with the ids of
 * the groups, of messages in them, and of invites. Throws when a client's cursor does not go on.
 */
export async function answersOf(api: Api, url: string): Promise<Record<string, string>> {
  const answers: Record<string, string> = {}
  const ask = async (as: string, path: string): Promise<AnyBody> => {
    const { status, text, body } = await api.call('GET', path, { as })
    answers[`${as} ${path}`] = `${status} ${asTold(path, text)}`
    return body
  }
  /** All users' answers at once, of which a list's items are taken. */
  const askAll = async <T>(path: string, list = ''): Promise<T[]> => {
    const bodies = await Promise.all(users.map((as) => ask(as, path)))
    return bodies.flatMap((body) => (body[list] ?? []) as T[])
  }

  const groups = new Set<string>()
  for (const query of ['', '?scope=open', '?sort=name', '?sort=activity', '?q=l'])
    for (const { id } of await askAll<{ id: string }>(`/groups${query}`, 'groups')) groups.add(id)
  const messages = new Set<string>()
  const codes = new Set<string>()
  for (const group of groups) {
    const path = `/groups/${group}`
    for (const query of ['?', '?include_deleted=true&', '?threads=roots&', '?after=0&'])
      for (const { id } of await askAll<{ id: string }>(`${path}/messages${query}limit=4`, 'messages'))
        messages.add(id)
    for (const { code } of await askAll<{ code: string }>(`${path}/invites`, 'invites')) codes.add(code)
    // A client that has seen half of it, or nearly all of much, and one that has seen all.
    const { cursor = '' } = (await ask('ann (admin)', `${path}/events`)) as { cursor?: string }
    const [epoch, seq, rev] = cursor.split('.')
    const behind = (last: string | undefined) => Number(last) - Math.min(Math.ceil(Number(last) / 2), 100)
    const half = `${epoch}.${behind(seq)}.${behind(rev)}`
    for (const at of [half, cursor]) {
      const events = await askAll<{ type: string }>(`${path}/events?after=${at}`, 'events')
      assert.ok(!events.some(({ type }) => type === 'resync'), `${group} has to be fetched anew`)
    }
  }

  const document = (await (await fetch(`${url}/openapi.json`)).json()) as Document
  const prefix = new URL(baseOf(url)).pathname
  const values: Record<string, ReadonlySet<string>> = { group_id: groups, message_id: messages, code: codes }
  for (const [path, { get }] of Object.entries(document.paths)) {
    if (!get || !path.startsWith(`${prefix}/`) || isOfNow.test(path)) continue
    const route = path.slice(prefix.length)
    const [parameter, name = ''] = /\{(\w+)\}/.exec(route) ?? []
    if (parameter === undefined) await askAll(route)
    else for (const value of values[name] ?? []) await askAll(route.replace(parameter, value))
  }
  // The index of words is made beside the service.
  await eventually(
    'the index is made',
    async () => {
      const { results } = await ask('ann', '/search?q=Where')
      return (results as unknown[]).length === 1
    },
    120_000,
  )
  await askAll('/search?q=message')
  return answers
}
