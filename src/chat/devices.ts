import { ECDH } from 'node:crypto'
import type { Caller } from '../domain/caller.ts'
import type { NewDevice } from '../domain/device.ts'
import { notFound } from '../domain/errors.ts'
import type { Rates } from '../domain/rates.ts'
import { invalid } from '../domain/validate.ts'
import type { Store } from '../store/store.ts'

/** The browsers that the caller wants to be told by. */
export interface Devices {
  /** What a browser has to be given to subscribe: the public key, in base64url. */
  readonly publicKey: string
  /** An endpoint belongs to who put it last. Throws invalid, limit_reached, rate_limited. */
  put(by: Caller, device: NewDevice): Promise<void>
  /** Throws not_found, rate_limited. */
  remove(by: Caller, endpoint: string): Promise<void>
}

/** What push messages go by. */
export interface PushOptions {
  readonly publicKey: string
  /** Whether anything may be sent there. */
  isEndpoint(url: string): boolean
}

interface Deps extends PushOptions {
  store: Pick<Store, 'devices'>
  rates: Pick<Rates, 'profiles'>
  now: () => number
}

export function createDevices({ store, rates, now, publicKey, isEndpoint }: Deps): Devices {
  return {
    publicKey,

    async put(by, { endpoint, keys }) {
      rates.profiles.take(by.userId)
      const mistakes = [
        ...(isEndpoint(endpoint)
          ? []
          : [{ field: 'endpoint', message: 'must be an https URL of a public server' }]),
        ...(isPoint(keys.p256dh) ? [] : [{ field: 'keys.p256dh', message: 'must be a point of P-256' }]),
      ]
      if (mistakes.length) throw invalid(mistakes)
      await store.devices.put({
        endpoint,
        userId: by.userId,
        sessionId: by.sessionId ?? null,
        p256dh: keys.p256dh.replace(/=+$/, ''),
        auth: keys.auth.replace(/=+$/, ''),
        createdAt: now(),
      })
    },

    async remove(by, endpoint) {
      rates.profiles.take(by.userId)
      if (!(await store.devices.remove(endpoint, by.userId))) throw notFound('push subscription')
    },
  }
}

function isPoint(base64url: string): boolean {
  try {
    ECDH.convertKey(Buffer.from(base64url, 'base64url'), 'prime256v1')
    return true
  } catch {
    return false // it lies on no such curve
  }
}
