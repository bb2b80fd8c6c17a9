import assert from 'node:assert/strict'
import type { Answer, AnyBody, Api } from '../../support/api.ts'

/** Calls that must be answered so; the answers' bodies. */
export async function must(
  api: Api,
  method: string,
  path: string,
  body: object | undefined,
  ...statuses: number[]
): Promise<AnyBody> {
  const answer = await api.call(method, path, body && { body })
  assert.ok(statuses.includes(answer.status), `${method} ${path}: ${answer.status} ${answer.text}`)
  return answer.body
}

/** Status and code of the answers, sorted: `204`, `409 last_owner`. */
export const outcomes = (answers: readonly Answer[]): string[] =>
  answers.map(({ status, body }) => (body.code ? `${status} ${body.code}` : String(status))).sort()

/** Who the members are, as this instance tells it. */
export async function membersOf(api: Api, groupId: string): Promise<string[]> {
  const { members, total } = await must(api, 'GET', `/groups/${groupId}/members`, undefined, 200)
  const userIds = (members as { user_id: string }[]).map(({ user_id }) => user_id)
  assert.equal(total, userIds.length)
  return userIds.sort()
}
