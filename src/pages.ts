import type { Config } from './config.ts'
import { testUsers } from './domain/test-user.ts'
import type { PageFacts } from './http/page-facts.ts'
import type { Route } from './http/route.ts'
import { chatPage, chatPageRoutes } from './http/routes/chat-page.ts'
import { clientRoutes } from './http/routes/client.ts'
import { rootRoutes } from './http/routes/root.ts'
import { websocketTestRoutes } from './http/routes/websocket-test.ts'

type PagesConfig = Pick<
  Config,
  'apiPrefix' | 'accounts' | 'environment' | 'pushContact' | 'chatPage' | 'websocketTest'
>

interface Given extends Pick<PageFacts, 'version' | 'home'> {
  /** The names of the test users that there are. */
  readonly users: readonly string[]
}

/** What stands at the service's own address, for people and those who write clients. */
export function pageRoutes(
  { apiPrefix: prefix, accounts, environment, pushContact, chatPage: isOn, websocketTest }: PagesConfig,
  { version, home, users }: Given,
): Route[] {
  const facts: PageFacts = {
    prefix,
    accounts,
    environment,
    testUsers:
      environment === 'development' ? testUsers.filter(({ username }) => users.includes(username)) : [],
    push: pushContact !== null,
    websocketTest,
    home,
    version,
  }
  const page = isOn ? chatPage(facts) : null
  const links = {
    ...(page && { chat: '/chat-ui' }),
    groups: `${prefix}/groups`,
    health: '/health',
    dashboard: '/dashboard',
    openapi: '/openapi.json',
    client: '/client.js',
    ...(websocketTest && { websocket_test: '/websocket-test' }),
  }
  return [
    ...rootRoutes({ version, links, page }),
    ...(page ? chatPageRoutes(page) : []),
    ...(websocketTest ? websocketTestRoutes(facts) : []),
    ...clientRoutes(),
  ]
}
