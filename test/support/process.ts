import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { signToken } from '../../src/auth/sign.ts'

export const root = join(import.meta.dirname, '../..')
export const builtFile = join(root, 'dist/chat-api.js')
export const secret = 'a secret of the tests, longer than 32 bytes'

/** The built file as a process of its own. */
export interface ServiceProcess {
  readonly url: string
  readonly child: ChildProcess
  /** All it wrote so far, both streams. */
  output(): string
  /** Sends the signal, and resolves with the exit code (null after a signal's death). */
  end(signal: NodeJS.Signals): Promise<number | null>
}

/** Starts `serve` on a free port, and resolves when it says where it listens. Rejects when it ends before. */
export async function spawnService(
  dataDir: string,
  env: Record<string, string> = {},
): Promise<ServiceProcess> {
  const child = spawn(process.execPath, [builtFile, 'serve'], {
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
  let written = ''
  const url = await new Promise<string>((resolve, reject) => {
    const look = (chunk: Buffer) => {
      written += chunk.toString()
      const found = /"url":"(http:[^"]+)"/.exec(written)?.[1]
      if (found) resolve(found)
    }
    child.stdout.on('data', look)
    child.stderr.on('data', look)
    child.on('exit', (code) => reject(new Error(`ended with ${code} before it listened:\n${written}`)))
  })
  return {
    url,
    child,
    output: () => written,
    async end(signal) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal)
        await once(child, 'exit')
      }
      return child.exitCode
    },
  }
}

/** A folder that goes with the test. */
export function temporaryFolder(): { path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'chat-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

export const tokenFor = (sub: string, claims: { scope?: string; ttlS?: number } = {}) =>
  signToken(secret, { sub, ttlS: 3_600, ...claims })

/** A port that is free now, below those that the system hands out: for a service that must come back at the same place. */
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
