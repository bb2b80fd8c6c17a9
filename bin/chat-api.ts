#!/usr/bin/env node
// Nothing is imported here, so that an older Node gets as far as saying what is wrong with it: the rest needs modules
// and syntax that it does not have.

const needed = [24, 15] as const

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  process.stderr.write(
    `chat-api needs Node ${needed.join('.')} or newer, this is ${process.versions.node}.\n` +
      'In a clone, `npm start` and `npm run -s chat-api --` bring the right one along.\n',
  )
  process.exitCode = 1
} else {
  // In the sources the rest is TypeScript; in a build it is one bundle beside this file.
  const file = import.meta.url.endsWith('.ts') ? './cli.ts' : './cli.js'
  const { runCommand }: typeof import('./cli.ts') = await import(file)
  process.exitCode = await runCommand(process.argv.slice(2))
}
