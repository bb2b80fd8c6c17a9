import manifest from '../package.json' with { type: 'json' }
import type { Config } from '../src/config.ts'
import { testUsers } from '../src/domain/test-user.ts'
import { type Service, start } from '../src/main.ts'
import { createLog, type Level, type Log } from '../src/observe/log.ts'
import { StartError } from '../src/store/start-error.ts'
import { strangeVariables } from '../src/strange-variables.ts'
import { print, readArguments } from './command.ts'
import { loadConfig, typed, withSecret } from './environment.ts'

export const help = `Usage: chat-api serve

Runs the service until SIGTERM or SIGINT; a second signal ends it at once. See .env.example for its settings.`

/** One Ctrl-C may arrive twice, from the terminal and from npm. Signals within this time count as one. */
const sameSignalMs = 500

/** So many bytes of log wait for a reader that stands still. Beyond them lines are dropped, so that the service goes on. */
const maxUnread = 8 * 1024 * 1024

export async function run(argv: string[]): Promise<number> {
  readArguments(argv, {})
  const { config, madeIn } = withSecret(loadConfig())
  const log = createLog({
    level: config.logLevel.toLowerCase() as Level,
    format: config.logJsonFormat ? 'json' : 'pretty',
    write: (lines) => process.stdout.writableLength < maxUnread && process.stdout.write(lines),
  })
  for (const { name, meant } of strangeVariables(process.env))
    log.warn('unknown_variable', {
      name,
      reason: meant === null ? 'There is no such setting: see .env.example.' : `Did you mean ${meant}?`,
    })
  process.stdout.on('error', () => {}) // the service goes on when nobody reads its log any more

  function end(code: number): never {
    log.flush()
    process.exit(code)
  }
  const die = (event: string) => (error: unknown) => {
    log.critical(event, { error })
    end(1)
  }
  process.on('uncaughtException', die('uncaught_exception')) // Node hands unhandled rejections to this event as well
  // Warnings are logged here, because Node would print them as plain text among lines of JSON.
  process.removeAllListeners('warning').on('warning', ({ name, message, stack }) => {
    log.warn('process_warning', { name, reason: message, stack })
  })
  const stopped = stopSignal(log)

  const starting = start(config, {
    log,
    onFatal: die('store_failed'),
    makesTestUsers: config.environment === 'development',
  })
  const service = await Promise.race([starting.catch((error) => end(tellWhy(error, log))), stopped])
  if (service === undefined) end(0) // the service was stopped while it waited for its store
  announce(service, config, madeIn, log)

  await stopped
  const late = setTimeout(() => {
    log.critical('shutdown_timed_out', { after_ms: config.shutdownTimeout })
    end(1)
  }, config.shutdownTimeout)
  await service.close()
  clearTimeout(late)
  log.info('stopped')
  end(0)
}

/** Resolves with the first SIGTERM or SIGINT; from then on another one ends the process. */
function stopSignal(log: Log): Promise<void> {
  return new Promise((resolve) => {
    let firstAt: number | undefined
    const onSignal = (signal: NodeJS.Signals) => {
      if (firstAt === undefined) {
        firstAt = performance.now()
        log.info('stopping', { signal })
        resolve()
      } else if (performance.now() - firstAt > sameSignalMs) {
        log.warn('stopped_at_once', { signal })
        log.flush()
        process.exit(signal === 'SIGINT' ? 130 : 143)
      }
    }
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
  })
}

/** Says why the service can't start. Returns the exit code. */
function tellWhy(error: unknown, log: Log): number {
  const { code, message } = error as NodeJS.ErrnoException
  if (error instanceof StartError) log.critical('start_failed', { reason: message })
  else if (code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    log.critical('start_failed', { reason: `${message}: choose another HOST or PORT` })
  else log.critical('start_failed', { error })
  return 1
}

function announce(
  { url, storeKind, testUsers: names }: Service,
  config: Config,
  madeIn: string | null,
  log: Log,
): void {
  const store =
    storeKind === 'sqlite' ? `sqlite in ${config.dataDir}` : `mongodb, database ${config.databaseName}`
  const next = typed('demo')
  const users = testUsers
    .filter(({ username }) => names.includes(username))
    .map(({ username, password }) => `${username} (password ${password})`)
    .join(' and ')
  if (config.logJsonFormat) {
    const secret = madeIn === null ? undefined : { made_for_development: madeIn }
    log.info('started', {
      url,
      ...(config.chatPage && { chat: `${url}/` }),
      dashboard: `${url}/dashboard`,
      store,
      version: manifest.version,
      environment: config.environment,
      next,
      ...secret,
      ...(names.length && { test_users: names }),
    })
    return
  }
  // What a newcomer opens comes first.
  print(`${config.chatPage ? `chat       ${url}/\n` : ''}dashboard  ${url}/dashboard

chat-api ${manifest.version} listens on ${url}
  store  ${store}${madeIn === null ? '' : `\n  keys   no JWT_SECRET is set, so one was made and is kept in ${madeIn}`}
${users ? `  users  ${users}\n` : ''}  next   in another terminal, to get users, a group and the commands to chat:
         ${next}`)
}
