import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { accountsAt, newName, password } from '../support/accounts.ts'
import { apiOf } from '../support/api.ts'
import { spawnService, temporaryFolder, tokenFor } from '../support/process.ts'
import { openSocket } from '../support/socket.ts'

/** How many logins of each kind are timed. What is timed needs a machine to itself, so that only `npm run test:long` does it. */
const logins = Number(process.env.LOGINS ?? 0)

const median = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now()
  await work()
  return performance.now() - begin
}

describe('under a load of logins', { skip: logins === 0 && 'set LOGINS, as npm run test:long does' }, () => {
  const withService = async (run: (url: string) => Promise<void>) => {
    using folder = temporaryFolder()
    const service = await spawnService(folder.path, { RATE_LIMIT_LOGINS: '0' })
    try {
      await run(service.url)
    } finally {
      assert.equal(await service.end('SIGTERM'), 0)
    }
  }

  for (const isBusy of [false, true])
    test(`a name that there is and one that there is not take one time${isBusy ? ', while others log in' : ''}`, () =>
      withService(async (url) => {
        const at = accountsAt(url)
        const { username } = (await at.register()).user
        const other = (await at.register()).user.username
        const wrong = [
          () => at.logIn(username, 'wrong guess'),
          () => at.logIn(newName(), 'wrong guess'),
        ] as const
        let isDone = false
        const others = async () => {
          while (!isDone) await at.logIn(other, password)
        }
        const load = isBusy ? [others(), others()] : []
        const differences: number[] = []
        for (let n = 0; n < logins + 10; n++) {
          // Both meet the same moments: they come right after each other, and each is the first as often as the other.
          const [first, second] = n % 2 ? ([1, 0] as const) : ([0, 1] as const)
          const times = [0, 0]
          times[first] = await timed(wrong[first])
          times[second] = await timed(wrong[second])
          if (n >= 10) differences.push((times[0] ?? 0) - (times[1] ?? 0))
        }
        isDone = true
        await Promise.all(load)
        const difference = median(differences)
        assert.ok(Math.abs(difference) < 5, `${difference} ms more for a name that there is`)
      }))

  test('sends of others take no more than twice as long while 50 log in each second', () =>
    withService(async (url) => {
      const at = accountsAt(url)
      const { username } = (await at.register()).user
      const group = await apiOf(url, 'ann').createGroup('Load', [])
      const socket = await openSocket(`${url}/api/chat/ws/${group.id}`, { token: await tokenFor('ann') })
      await socket.next('connected')
      const sends = async (count: number) => {
        const times: number[] = []
        for (let n = 0; n < count; n++) {
          times.push(await timed(() => socket.ask({ type: 'message', content: `${n}` })))
          await sleep(10)
        }
        return median(times)
      }
      await sends(50)
      const alone = await sends(logins)
      const under: Promise<unknown>[] = []
      const timer = setInterval(() => under.push(at.logIn(username, password)), 20)
      await sleep(500)
      const beside = await sends(logins)
      clearInterval(timer)
      await Promise.all(under)
      await socket.close()
      assert.ok(beside <= Math.max(2 * alone, alone + 2), `${alone} ms alone, ${beside} ms beside logins`)
    }))
})
