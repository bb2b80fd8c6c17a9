/**
 * The measurements behind docs/performance.md: `npm run bench -- fanout` and so on. Each prints a Markdown table.
 * They take minutes, and want a machine that does nothing else.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fanout } from './fanout.ts'
import { latency } from './latency.ts'
import { memory } from './memory.ts'
import { rest } from './rest.ts'
import { send } from './send.ts'

const tables: Record<string, () => Promise<string>> = { fanout, latency, memory, rest, send }
const programs = ['group-commit', 'page', 'page-growth', 'stats', 'mongo-round-trips', 'metrics']

/** Runs a program to its end, its output going where ours goes. */
function pass(command: string, ...args: string[]): void {
  const { status } = spawnSync(command, args, { stdio: 'inherit', cwd: import.meta.dirname })
  if (status !== 0) process.exitCode = 1
}

/** What the Python original's way needs, into a folder of its own. */
function installPython(): void {
  pass('python3', '-m', 'venv', '.venv')
  pass('.venv/bin/pip', 'install', 'fastapi', 'uvicorn', 'uvloop', 'httptools', 'websockets', 'pyjwt')
}

const [what = '', ...names] = process.argv.slice(2)
const table = tables[what]
if (table) process.stdout.write(`${await table()}\n`)
else if (what === 'growth') pass(process.execPath, join(import.meta.dirname, 'growth/run.ts'), ...names)
else if (what === 'python') installPython()
else if (programs.includes(what)) pass(process.execPath, join(import.meta.dirname, `${what}.ts`))
else {
  process.stderr.write(
    `npm run bench -- ${[...Object.keys(tables), ...programs, 'growth', 'python'].join('|')}\n`,
  )
  process.exitCode = 64
}
