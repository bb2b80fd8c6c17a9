import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** Where a request comes from, for the limits on those who have no token and for the log. Empty where that is not known. */
export type AddressOf = (request: Pick<IncomingMessage, 'socket' | 'headers'>) => string

/**
 * The peer's address; behind a trusted proxy the one that it names last in X-Forwarded-For, and so on, until one is not
 * trusted: what stands before that anybody can have written. What is no address ends the search, for its writer can't be told.
 * `trusted`: addresses, and ranges like 10.0.0.0/8.
 */
export function createAddressOf(trusted: readonly string[]): AddressOf {
  const proxies = new BlockList()
  for (const range of trusted) {
    const [given = '', bits] = range.split('/')
    const address = readAddress(given) ?? given
    if (bits === undefined) proxies.addAddress(address, family(address))
    else {
      // A range of IPv4 addresses may be written in IPv6's clothes.
      const isMapped = isIP(given) === 6 && isIP(address) === 4
      proxies.addSubnet(address, Math.max(0, Number(bits) - (isMapped ? 96 : 0)), family(address))
    }
  }
  const isProxy = (address: string) => isIP(address) !== 0 && proxies.check(address, family(address))

  return ({ socket, headers }) => {
    const peer = socket.remoteAddress ?? ''
    let address = readAddress(peer) ?? peer
    if (!trusted.length || !isProxy(address)) return address
    // Node joins the values of a header that was sent several times, as a list may be parted (RFC 9110, 5.3).
    const hops = String(headers['x-forwarded-for'] ?? '').split(',')
    while (isProxy(address)) {
      const hop = hops.pop()
      if (hop === undefined) break
      if (hop.trim() === '') continue
      const before = readAddress(hop)
      if (before === null) break
      address = before
    }
    return address
  }
}

const family = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

/**
 * The address alone, spelt in one way: without spaces, port, brackets and zone, IPv4 as such also where it is mapped into IPv6.
 * null when it is none.
 */
function readAddress(text: string): string | null {
  const bare = text
    .trim()
    .replace(/^\[([^\]]*)\](:\d+)?$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1')
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=[\d.]+$)/i, '')
  const version = isIP(bare)
  if (version !== 6) return version === 4 ? bare : null
  const canonical = new URL(`http://[${bare}]`).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(canonical) ?? []
  if (high === undefined || low === undefined) return canonical
  const [upper, lower] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return [upper >> 8, upper & 255, lower >> 8, lower & 255].join('.')
}
