import { createAccountParts } from '../src/accounts.ts'
import { accountKeys } from '../src/auth/account-keys.ts'
import type { Accounts } from '../src/chat/accounts.ts'
import type { Config } from '../src/config.ts'
import { type AccountChanges, NewAccount } from '../src/domain/account.ts'
import { ChatError } from '../src/domain/errors.ts'
import { validate } from '../src/domain/validate.ts'
import { type AccountNouns, openAccountNouns, readAccountNouns } from '../src/store/account-nouns.ts'
import { createApi } from './api.ts'
import { Failure, print, readArguments, UsageError } from './command.ts'
import { loadConfig, localUrl, makeToken, withSecret } from './environment.ts'
import { readSecret } from './read-secret.ts'

export const help = `Usage: chat-api user add NAME [--email ADDRESS] [--display-name NAME]
       chat-api user list
       chat-api user disable NAME
       chat-api user enable NAME
       chat-api user password NAME

The users who log in here (ACCOUNTS=true), also while the service runs. A password is asked for, or read as the first line
of the standard input. Who is disabled, or gets another password, is logged out within 5 seconds.

  --password PASSWORD  in place of asking; other users of the machine may see it`

const options = {
  email: { type: 'string' },
  'display-name': { type: 'string' },
  password: { type: 'string' },
} as const

export async function run(argv: string[]): Promise<number> {
  const { values, operands } = readArguments(argv, options, argv[0] === 'list' ? ['what'] : ['what', 'NAME'])
  const [what = '', name = ''] = operands
  const { config } = withSecret(loadConfig())
  if (!accountKeys(config))
    throw new Failure(
      'This service has no users of its own: its auth-api has. Set ACCOUNTS=true to have some.',
    )
  const given = async () => values.password ?? (await readSecret(`Password for ${name}: `))
  try {
    switch (what) {
      case 'list':
        return await list(config)
      case 'add':
        return await add(config, {
          username: name,
          password: await given(),
          email: values.email ?? null,
          display_name: values['display-name'] ?? null,
        })
      case 'disable':
        return await change(config, name, { disabled: true }, 'is disabled, and logged out')
      case 'enable':
        return await change(config, name, { disabled: false }, 'may log in again')
      case 'password':
        return await change(
          config,
          name,
          { password: await given() },
          'has the new password, and is logged out',
        )
    }
  } catch (error) {
    throw error instanceof ChatError ? new Failure(error.message) : error
  }
  throw new UsageError(`There is no ${JSON.stringify(what)}: say add, list, disable, enable or password.`)
}

const pageSize = 500

function list(config: Config): Promise<number> {
  return readAccountNouns(config, async ({ accounts, profiles }) => {
    for (let after: string | null = null; ; ) {
      const page = await accounts.list(after, pageSize)
      const named = new Map((await profiles.read(page.map(({ id }) => id))).map((each) => [each.id, each]))
      for (const { id, disabled, createdAt } of page) {
        const { username = '(no name)', email = null } = named.get(id) ?? {}
        const made = new Date(createdAt).toISOString()
        print(
          [id, username, made, ...(email === null ? [] : [email]), ...(disabled ? ['disabled'] : [])].join(
            '  ',
          ),
        )
      }
      after = page.at(-1)?.id ?? null
      if (page.length < pageSize) return 0
    }
  })
}

async function add(config: Config, command: NewAccount): Promise<number> {
  validate(NewAccount, command)
  const base = await runningService(config)
  const { id, username } =
    base === null
      ? await withAccounts(config, ({ make }) => make(command))
      : await callService(config, base, async (call) => {
          const { user, refresh_token } = await call<Registered>('POST', '/api/auth/register', command)
          await call('POST', '/api/auth/logout', { refresh_token })
          return user
        })
  return print(`${username} may log in: ${id}`)
}

interface Registered {
  readonly user: { readonly id: string; readonly username: string }
  readonly refresh_token: string
}

async function change(config: Config, name: string, changes: AccountChanges, done: string): Promise<number> {
  const base = await runningService(config)
  const found = await readAccountNouns(config, ({ profiles }) => profiles.readByName(name))
  if (found?.origin !== 'account') throw new Failure(`There is no user ${JSON.stringify(name)}.`)
  if (base === null)
    await withAccounts(config, (accounts) =>
      accounts.change({ userId: 'chat-api user', admin: true }, found.id, changes),
    )
  else
    await callService(config, base, (call) => call('PATCH', `${config.apiPrefix}/users/${found.id}`, changes))
  return print(`${found.username} ${done}.`)
}

/** Where the service is that has the SQLite database to itself; null where we can use the database. */
async function runningService(config: Config): Promise<string | null> {
  if (config.mongodbUrl !== null) return null
  const base = localUrl(config)
  const response = await fetch(`${base}/livez`, { signal: AbortSignal.timeout(2_000) }).catch(() => null)
  return response?.headers.has('x-correlation-id') ? base : null
}

async function withAccounts<T>(config: Config, work: (accounts: Accounts) => Promise<T>): Promise<T> {
  const store: AccountNouns = await openAccountNouns(config)
  try {
    const parts = createAccountParts(config, {
      store,
      now: Date.now,
      onLimited: () => undefined,
      onEnded: () => undefined,
      onUnknown: () => undefined,
    })
    if (!parts) throw new Failure('This service has no users of its own.')
    return await work(parts.accounts).finally(parts.stop)
  } finally {
    await store.close()
  }
}

type Call = ReturnType<typeof createApi>['call']

/** As an operator: the service takes such a token as it takes those of the auth-api. */
async function callService<T>(config: Config, base: string, work: (call: Call) => Promise<T>): Promise<T> {
  const token = await makeToken(config, { sub: 'chat-api user', ttlS: 60, scope: 'chat:admin' })
  return work(createApi(base, token).call)
}
