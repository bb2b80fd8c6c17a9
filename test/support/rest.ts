import type { GroupView } from '../../src/domain/group.ts'
import { type Api, createApi } from './api.ts'
import { documentedBy } from './documented.ts'
import { startService, type TestService } from './service.ts'

/** A running service, and its REST client, whose every answer is held against the service's own OpenAPI document. */
export interface Rest extends Api {
  readonly service: TestService
  /** The same as `call`, but `path` begins at the root and not below the prefix. */
  root: Api['call']
  /** A new group of these users, made by the first. */
  group(...members: string[]): Promise<GroupView>
  close(): Promise<void>
}

export async function startRest(env: Record<string, string> = {}): Promise<Rest> {
  const service = await startService(env)
  const check = await documentedBy(service.url)
  const prefix = service.base.slice(service.url.length)
  const root = createApi(service.url, { check }).call
  const api = createApi(service.base, {
    check: (method, path, response, body) => check(method, prefix + path, response, body),
  })
  return {
    ...api,
    service,
    root,
    group: (...members) => api.createGroup('A group', members, { as: members[0] ?? '' }),
    close: () => service[Symbol.asyncDispose](),
  }
}
