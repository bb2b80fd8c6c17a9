import type { Push as PushRoutes } from '../../../src/client/types.ts'

/** This browser's subscription to push messages: the service tells the user by them while no page is open. */
export interface Push {
  begin(): Promise<void>
  end(): Promise<void>
}

export function createPush(routes: PushRoutes, worker: Promise<ServiceWorkerRegistration | null>): Push {
  return {
    async begin() {
      const manager = (await worker)?.pushManager
      if (!manager) return
      const { public_key } = await routes.key()
      const options = { userVisibleOnly: true, applicationServerKey: public_key }
      // One that was made for another key of the service is of no use.
      const made = await manager.subscribe(options).catch(async () => {
        await (await manager.getSubscription())?.unsubscribe()
        return manager.subscribe(options)
      })
      await routes.subscribe(made.toJSON() as Record<string, unknown>)
    },
    async end() {
      const made = await (await worker)?.pushManager?.getSubscription()
      if (!made) return
      await routes.unsubscribe(made.endpoint)
      await made.unsubscribe()
    },
  }
}
