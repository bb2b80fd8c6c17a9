import { createHmac } from 'node:crypto'

/**
 * Signs as Standard Webhooks 1.0 has it: HMAC-SHA256 over id, time and body, whose key is written in base64 after `whsec_`.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function createSigner(secret: string): (id: string, seconds: number, body: string) => string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  return (id, seconds, body) =>
    `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`
}
