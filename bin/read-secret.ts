import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { Failure } from './command.ts'

/** A line of the standard input. A terminal asks for it by `prompt`, and does not show what is typed. Throws Failure. */
export function readSecret(prompt: string): Promise<string> {
  const isTerminal = process.stdin.isTTY === true
  if (isTerminal) process.stderr.write(prompt)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: isTerminal })
  return new Promise((resolve, reject) => {
    lines.once('line', (line) => {
      resolve(line)
      lines.close()
    })
    lines.once('close', () => {
      if (isTerminal) process.stderr.write('\n')
      process.stdin.pause()
      reject(new Failure('No password was given.'))
    })
  })
}
