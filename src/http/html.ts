import { createHash } from 'node:crypto'
import type { Reply } from './reply.ts'

/**
 * The Content-Security-Policy of a page that is one file: it runs and shows what it came with, talks to us alone (fetch and
 * WebSocket; also what somebody tries in its console), and stands in no other page.
 */
function policyOf(html: string): string {
  const hashes = (element: string) =>
    [...html.matchAll(new RegExp(`<${element}>([^]*?)</${element}>`, 'g'))]
      .map(([, text = '']) => ` 'sha256-${createHash('sha256').update(text).digest('base64')}'`)
      .join('')
  const [scripts, styles] = [hashes('script'), hashes('style')]
  return [
    "default-src 'none'",
    ...(scripts ? [`script-src${scripts}`] : []),
    ...(styles ? [`style-src${styles}`] : []),
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** A page in one file, with its policy. */
export const htmlReply = (html: string, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status: 200,
  type: 'text/html; charset=utf-8',
  body: html,
  headers: { ...headers, 'Content-Security-Policy': policyOf(html) },
})
