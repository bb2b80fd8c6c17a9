import { spawnSync } from 'node:child_process'

/**
 * The reason for `skip`, printed as well, when tests can't run because something is not here. Where nothing may be missing
 * (CHAT_TEST_REQUIRE=all, as in CI), this is a failure.
 */
export function skipBecause(reason: string): string {
  if (process.env.CHAT_TEST_REQUIRE === 'all') throw new Error(reason)
  process.stderr.write(`\n*** NOT TESTED: ${reason} ***\n\n`)
  return reason
}

/** The value for `skip`, which is false when the command can be run. */
export const skipWithout = (command: string, args: string[], how: string): string | false =>
  spawnSync(command, args).status === 0 ? false : skipBecause(`${command} is not here: ${how}`)

export const skipWithoutStrace = () => skipWithout('strace', ['-V'], 'apt-get install strace')
