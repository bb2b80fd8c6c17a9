import { BlockList, isIP } from 'node:net'

/** Addresses that are no public ones: https://www.iana.org/assignments/iana-ipv4-special-registry */
const special4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
]
/** All that is public in IPv6 lies in 2000::/3; in there these are not. What holds an IPv4 address inside is none of it. */
const public6: readonly [string, number] = ['2000::', 3]
const special6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

const notPublic4 = new BlockList()
for (const [address, bits] of special4) notPublic4.addSubnet(address, bits, 'ipv4')
const maybePublic6 = new BlockList()
maybePublic6.addSubnet(...public6, 'ipv6')
const notPublic6 = new BlockList()
for (const [address, bits] of special6) notPublic6.addSubnet(address, bits, 'ipv6')

/** True for an address that anybody on the internet may have; false for those of this machine and of networks around it. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !notPublic4.check(address, 'ipv4')
    case 6:
      return maybePublic6.check(address, 'ipv6') && !notPublic6.check(address, 'ipv6')
    default:
      return false
  }
}

/** Names that nobody can register (RFC 6762, 8375, 9476 and use), which stand for machines of one's own network. */
const privateEndings = /(^|\.)(localhost|local|internal|lan|home\.arpa|test)$/

/** Whether a URL's host name is one of one's own network: a name without a dot, one of those that are never public, or such an address. */
export function isPrivateHost(hostname: string): boolean {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1')
  if (isIP(bare)) return !isPublicAddress(bare)
  return !bare.includes('.') || privateEndings.test(bare)
}
