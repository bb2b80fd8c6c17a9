import type { Config } from '../../src/config.ts'
import { createVapid } from '../../src/consumers/push/vapid.ts'
import type { Check } from '../../src/store/check.ts'

/** Whether browsers can be told, and by which key they know this installation. */
export async function checkPush({
  pushContact: contact,
  vapidPrivateKey: key,
}: Pick<Config, 'pushContact' | 'vapidPrivateKey'>): Promise<Check[]> {
  const what = 'push'
  if (contact === null) return []
  if (key === null)
    return [{ level: 'ok', what, text: `browsers are told, by a key that the store keeps; ${contact}` }]
  try {
    await createVapid(key, contact, Date.now)
    return [{ level: 'ok', what, text: `browsers are told, by VAPID_PRIVATE_KEY; ${contact}` }]
  } catch {
    const text =
      'VAPID_PRIVATE_KEY is no private key of P-256. Leave it out: one is made, and kept in the store.'
    return [{ level: 'fail', what, text }]
  }
}
