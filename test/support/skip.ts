import { spawnSync } from 'node:child_process'

/**
 * For `skip`, where a part can't run because something is not here: the reason, said loudly. Where nothing may be missing
 * (CHAT_TEST_REQUIRE=all, as in CI), that is a failure.
 */
export function skipBecause(reason: string): string {
  if (process.env.CHAT_TEST_REQUIRE === 'all') throw new Error(reason)
  process.stderr.write(`\n*** NOT TESTED: ${reason} ***\n\n`)
  return reason
}

/** For `skip`: false where a command can be run. */
export const skipWithout = (command: string, args: string[], how: string): string | false =>
  spawnSync(command, args).status === 0 ? false : skipBecause(`${command} is not here: ${how}`)

export const skipWithoutStrace = () => skipWithout('strace', ['-V'], 'apt-get install strace')
