import { existsSync } from 'node:fs'
import { styleText } from 'node:util'
import { secretFile } from '../src/auth/secret.ts'
import { type Config, ConfigError } from '../src/config.ts'
import { searchConsumer } from '../src/consumers/search-index.ts'
import { httpUrl } from '../src/setting.ts'
import type { Check } from '../src/store/check.ts'
import { inspectSearch, inspectStore } from '../src/store/inspect.ts'
import { checkConfiguration } from './checks/configuration.ts'
import { checkKeys } from './checks/keys.ts'
import { checkMachine } from './checks/machine.ts'
import { checkProxy } from './checks/proxy.ts'
import { checkPush } from './checks/push.ts'
import { checkToken } from './checks/token.ts'
import { checkWebhooks } from './checks/webhooks.ts'
import { print, readArguments, UsageError } from './command.ts'
import { loadConfig, withSecret } from './environment.ts'

export const help = `Usage: chat-api doctor [--token TOKEN] [--url URL]

Checks the configuration and what is around it before they go live: one line for each, with what to do.
Changes nothing; can be run beside a running service. Exits with 0, also for warnings;
with 1 when something fails, 78 when the configuration can't be read.

  --token TOKEN  says whether the service would take this token, and if not, why exactly
  --url URL      the public URL: does the service answer there, and do WebSocket upgrades come through?`

export async function run(argv: string[]): Promise<number> {
  const { values } = readArguments(argv, { token: { type: 'string' }, url: { type: 'string' } })
  const url = values.url === undefined ? undefined : readUrl(values.url)
  let failed = false
  const report = (checks: readonly Check[]): void => {
    for (const check of checks) {
      failed ||= check.level === 'fail'
      print(line(check))
    }
  }
  try {
    const config = loadConfig()
    report([{ level: 'ok', what: 'settings', text: `can be read, for ${config.environment}` }])
    report(checkConfiguration(config))
    report(await checkKeys(config))
    if (values.token !== undefined) report(await checkToken(asServed(config), values.token))
    report(await checkWebhooks(config))
    report(await checkPush(config))
    report(await inspectStore(config))
    if (config.search) report([await inspectSearch(config, searchConsumer)])
    report(await checkMachine(config))
    if (url !== undefined) report(await checkProxy(url, config.apiPrefix))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    report(error.mistakes.map((text) => ({ level: 'fail', what: 'settings', text })))
    return 78
  }
  return failed ? 1 : 0
}

/** The configuration, with the secret that development may have made for itself. The doctor makes none. */
const asServed = (config: Config): Config =>
  existsSync(secretFile(config.dataDir)) ? withSecret(config).config : config

const colours = { ok: 'green', warn: 'yellow', fail: 'red' } as const

const line = ({ level, what, text }: Check): string =>
  `${styleText(colours[level], level.padEnd(4), { stream: process.stdout })}  ${what.padEnd(14)}  ${text}`

function readUrl(text: string): string {
  try {
    return httpUrl.read(text).replace(/\/$/, '')
  } catch (error) {
    throw new UsageError(`--url ${(error as Error).message}.`)
  }
}
