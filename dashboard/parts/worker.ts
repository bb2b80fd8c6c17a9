/** Where Trusted Types are enforced, a worker's address must come from a policy: this is the one that the page's Content-Security-Policy names. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string }
}

const path = '/chat-worker.js'

/**
 * Registers the service worker, by which the page opens offline and shows push messages. null where there are none: without https, but for
 * localhost, or in a private window.
 */
export async function registerWorker(): Promise<ServiceWorkerRegistration | null> {
  if (!('serviceWorker' in navigator)) return null
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  const policy = trustedTypes?.createPolicy('chat-worker', { createScriptURL: () => path })
  try {
    return await navigator.serviceWorker.register(policy?.createScriptURL(path) ?? path, {
      scope: '/',
      updateViaCache: 'none',
    })
  } catch {
    return null
  }
}
