import { type LookupAddress, lookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { isPublicAddress } from './private.ts'

/**
 * Finds a name's addresses, of which those of private networks are left out. It is asked whenever something is connected to, so that a
 * name that says another address than before leads nowhere else. An address in a URL is not looked up: `isPublicUrl` is to be asked first.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
    const addresses = error ? [] : found.filter(({ address }) => isPublicAddress(address))
    const [first] = addresses
    if (error) callback(error, '', 0)
    else if (!first)
      callback(Object.assign(new Error(`${hostname} has no public address`), { code: 'EPRIVATE' }), '', 0)
    else if (options.all) callback(null, addresses)
    else callback(null, first.address, first.family)
  })
}

/** An https URL of a host that may be public: what a name stands for is seen when it is connected to. */
export function isPublicUrl(text: string): boolean {
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') return false
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return isIP(host) ? isPublicAddress(host) : host.includes('.')
}
