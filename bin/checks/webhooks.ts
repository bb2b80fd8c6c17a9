import type { Config } from '../../src/config.ts'
import type { Check } from '../../src/store/check.ts'
import { withLetters } from '../../src/store/letters-beside.ts'
import { StartError } from '../../src/store/start-error.ts'
import { reasonOf } from '../reason.ts'

const patienceMs = 5_000

/** Whether the receiver can be reached, and whether it has refused something. It is told nothing. */
export async function checkWebhooks(config: Config): Promise<Check[]> {
  const { webhookUrl: url } = config
  return url === null ? [] : [await reachable(url), ...(await letters(config))]
}

async function reachable(url: string): Promise<Check> {
  const what = 'WEBHOOK_URL'
  try {
    await fetch(url, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(patienceMs) })
    return { level: 'ok', what, text: 'its receiver answers' }
  } catch (error) {
    const text = `its receiver can't be reached: ${reasonOf(error)}. What happens is kept for it, and told for a day.`
    return { level: 'warn', what, text }
  }
}

async function letters(config: Config): Promise<Check[]> {
  const what = 'webhooks'
  try {
    const { waiting, dead } = await withLetters(config, ({ count }) => count())
    if (!waiting && !dead) return [{ level: 'ok', what, text: 'nothing was refused' }]
    const text = `${waiting} refused events are tried again, ${dead} were given up. Look at them with: chat-api webhooks list`
    return [{ level: 'warn', what, text }]
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    return [] // there is no database yet, or what is checked next tells why it does not answer
  }
}
