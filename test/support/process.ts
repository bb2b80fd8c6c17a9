import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { signToken, type TokenRequest } from '../../src/auth/sign.ts'

export const root = join(import.meta.dirname, '../..')
export const builtFile = join(root, 'dist/chat-api.js')
export const secret = 'a secret of the tests, longer than 32 bytes'

/** The built file as a process of its own. */
export interface Launched {
  readonly child: ChildProcess
  /** All that the process wrote so far, on both streams. */
  output(): string
  /** Resolves with the exit code (null when a signal ended it) when the process has ended and all its output is here. */
  readonly ended: Promise<number | null>
  /** Sends the signal, and resolves as `ended`. Does no harm when the process has ended already. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

/** A process that listens. */
export interface ServiceProcess extends Launched {
  readonly url: string
}

/** The output of a process, and how it ends. */
export function watchProcess(child: ChildProcessByStdio<Writable | null, Readable, Readable>): {
  output(): string
  /** Resolves with the exit code, or null after a signal, when all output is here. */
  ended: Promise<number | null>
} {
  let written = ''
  const keep = (chunk: Buffer) => {
    written += chunk.toString()
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  return { output: () => written, ended: once(child, 'close').then(() => child.exitCode) }
}

/** Starts `serve` and waits for nothing. `prefix` is a command that runs the command line that follows it. */
export function launchService(
  dataDir: string,
  env: Record<string, string> = {},
  prefix: readonly string[] = [],
): Launched {
  const [command = '', ...args] = [...prefix, process.execPath, builtFile, 'serve']
  const child = spawn(command, args, {
    cwd: dataDir,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      DATA_DIR: dataDir,
      PORT: '0',
      JWT_SECRET: secret,
      LOG_JSON_FORMAT: 'true',
      RATE_LIMIT_MESSAGES: '0',
      RATE_LIMIT_REQUESTS: '0',
      ...env,
    },
  })
  const { output, ended } = watchProcess(child)
  return {
    child,
    output,
    ended,
    end(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      return ended
    },
  }
}

const startMs = 20_000

/** Starts `serve` on a free port. Resolves when it logs where it listens. Rejects when it ends before that, or takes 20 s. */
export async function spawnService(...args: Parameters<typeof launchService>): Promise<ServiceProcess> {
  const launched = launchService(...args)
  const { child, output, ended, end } = launched
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => end('SIGKILL'), startMs)
    const look = () => {
      const found = /("url":"| listens on )(http:[^"\s]+)/.exec(output())?.[2]
      if (!found) return
      clearTimeout(timer)
      resolve(found)
    }
    child.stdout?.on('data', look)
    ended.then((code) => reject(new Error(`ended with ${code} before it listened:\n${output()}`)))
  })
  return { ...launched, url }
}

/** A folder that is removed when the test ends. */
export function temporaryFolder(): { path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'chat-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** What a test's token says beside its user. */
export type TestClaims = Partial<Omit<TokenRequest, 'sub'>>

export const tokenFor = (sub: string, claims: TestClaims = {}) =>
  signToken(secret, { sub, ttlS: 3_600, ...claims })

/** A port that is free now, below those that the system hands out, for a service that must come back at the same port. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
}
