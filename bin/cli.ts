import manifest from '../package.json' with { type: 'json' }
import { ConfigError } from '../src/config.ts'
import { StartError } from '../src/store/start-error.ts'
import { type Command, Failure, print, UsageError } from './command.ts'

/** Each command is loaded when it is called, because `token` and `health` need no database driver. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  serve: () => import('./serve.ts'),
  demo: () => import('./demo.ts'),
  chat: () => import('./chat.ts'),
  user: () => import('./user.ts'),
  token: () => import('./token.ts'),
  config: () => import('./config.ts'),
  health: () => import('./health.ts'),
  doctor: () => import('./doctor.ts'),
  why: () => import('./why.ts'),
  backup: () => import('./backup.ts'),
  webhooks: () => import('./webhooks.ts'),
  restored: () => import('./restored.ts'),
  reindex: () => import('./reindex.ts'),
  copy: () => import('./copy.ts'),
}

const help = `chat-api ${manifest.version}: a self-hosted group-chat service.

Usage: chat-api COMMAND [OPTIONS]

  serve           runs the service
  demo            gives a running service users, groups and a little history, and says how to chat
  chat            chats in this terminal
  user            adds, lists and disables the users who log in here
  token           prints a token for a user
  config          prints the configuration in effect, secrets masked
  health          asks whether the local service is alive
  doctor          checks the configuration before it goes live
  why USER GROUP  says why a user can, or can't, see a group
  webhooks        lists what a receiver refused, tries it again, or drops it
  backup FILE     copies the SQLite database into a file, also while the service runs
  restored        tells the database that it was restored from a backup
  reindex         builds the index anew by which messages are searched
  copy            moves all data from SQLite to MongoDB, or back

Each has more to say: chat-api COMMAND --help
All are configured by the environment or a file .env: see .env.example.
Exit codes: 0 done, 1 failed, 64 wrong usage, 78 wrong configuration.`

/** Runs the command that the arguments name. Resolves to the exit code (sysexits.h). */
export async function runCommand([name = '', ...argv]: string[]): Promise<number> {
  try {
    if (isVersion(name) || argv.some(isVersion)) return print(`chat-api ${manifest.version}`)
    if (isHelp(name) || name === 'help') return print(help)
    if (!Object.hasOwn(commands, name))
      throw new UsageError(name === '' ? 'Which command?' : `There is no command ${JSON.stringify(name)}.`)
    const command = await commands[name]?.()
    if (name !== 'serve') process.stdout.on('error', unlessReadEnough) // `serve` handles the end of its log itself
    if (!command || argv.some(isHelp)) return print(command?.help ?? help)
    return await command.run(argv)
  } catch (error) {
    return explain(error, name)
  }
}

/** A reader that has enough (`| head`) closes the pipe. That is no failure, so the exit code stays the command's. */
function unlessReadEnough(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

const isHelp = (argument: string) => argument === '--help' || argument === '-h'
const isVersion = (argument: string) => argument === '--version'

function explain(error: unknown, name: string): number {
  const [code, text] = ((): [number, string] => {
    if (error instanceof UsageError)
      return [64, `${error.message}\nTry: chat-api ${Object.hasOwn(commands, name) ? `${name} ` : ''}--help`]
    if (error instanceof ConfigError) return [78, error.message]
    if (error instanceof Failure || error instanceof StartError) return [1, error.message]
    return [1, (error instanceof Error && error.stack) || String(error)]
  })()
  process.stderr.write(`${text}\n`)
  return code
}
