import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { builtFile } from '../support/process.ts'

export interface Finished {
  code: number
  out: string
  err: string
}

/** Runs the built file to its end, in a folder of its own. */
export async function run(
  args: string[],
  env: Record<string, string> = {},
  cwd = env.DATA_DIR,
): Promise<Finished> {
  const child = spawn(process.execPath, [builtFile, ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
  })
  const { out, err } = gather(child)
  child.stdin.end()
  const [code] = await once(child, 'close')
  return { code, out: out(), err: err() }
}

/** What a process has written so far. */
export function gather(child: ChildProcess): { out: () => string; err: () => string } {
  const text = { out: '', err: '' }
  child.stdout?.on('data', (chunk: Buffer) => (text.out += chunk))
  child.stderr?.on('data', (chunk: Buffer) => (text.err += chunk))
  return { out: () => text.out, err: () => text.err }
}

/** The first group that `demo` tells of. */
export const groupIn = (demo: string): string => /--group ([0-9a-f]{24})/.exec(demo)?.[1] ?? ''
