import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** Where a request comes from, for the limits on those who have no token. */
export type AddressOf = (request: IncomingMessage) => string

/**
 * The peer's address; behind a trusted proxy the one that it names last in X-Forwarded-For, and so on, until one is not
 * trusted: what stands before that anybody can have written. Of IPv6 only the network (/64), of which one client has all.
 */
export function createAddressOf(trusted: readonly string[]): AddressOf {
  const proxies = new BlockList()
  for (const range of trusted) {
    const [address = '', bits] = range.split('/')
    if (bits === undefined) proxies.addAddress(address, family(address))
    else proxies.addSubnet(address, Number(bits), family(address))
  }
  const isProxy = (address: string) => isIP(address) !== 0 && proxies.check(address, family(address))

  return ({ socket, headers }) => {
    let address = bare(socket.remoteAddress ?? '')
    if (trusted.length) {
      const hops = String(headers['x-forwarded-for'] ?? '').split(',')
      while (isProxy(address)) {
        const hop = bare(hops.pop() ?? '')
        if (!isIP(hop)) break
        address = hop
      }
    }
    return isIP(address) === 6 ? networkOf(address) : address
  }
}

const family = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** Without port, brackets, zone, and the prefix of an IPv4 address in IPv6's clothes. */
const bare = (text: string): string =>
  text
    .trim()
    .replace(/^\[([^\]]*)\](:\d+)?$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1')
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=[\d.]+$)/i, '')

function networkOf(address: string): string {
  const [head = '', tail] = address.split('::')
  const first = head === '' ? [] : head.split(':')
  const last = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0')
  const groups = [...first, ...zeros, ...last].slice(0, 4)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
