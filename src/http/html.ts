import { createHash } from 'node:crypto'
import type { WholeReply } from './reply.ts'

/** Directives of a Content-Security-Policy by name. */
export type Policy = Readonly<Record<string, string>>

/**
 * The Content-Security-Policy of a page that is one file: it runs and shows what it came with, talks to us alone (fetch and
 * WebSocket; also what somebody tries in its console), and stands in no other page. `own` adds to it, and wins.
 */
function policyOf(html: string, own: Policy): string {
  const hashes = (element: string) =>
    [...html.matchAll(new RegExp(`<${element}>([^]*?)</${element}>`, 'g'))]
      .map(([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
      .join(' ')
  const [scripts, styles] = [hashes('script'), hashes('style')]
  const policy: Policy = {
    'default-src': "'none'",
    ...(scripts && { 'script-src': scripts }),
    ...(styles && { 'style-src': styles }),
    'connect-src': "'self'",
    'img-src': "'self' data:",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
    ...own,
  }
  return Object.entries(policy)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ')
}

/** A page in one file, with its policy. */
export const htmlReply = (
  html: string,
  headers: Readonly<Record<string, string>> = {},
  policy: Policy = {},
): WholeReply => ({
  status: 200,
  type: 'text/html; charset=utf-8',
  body: html,
  headers: { ...headers, 'Content-Security-Policy': policyOf(html, policy) },
})
