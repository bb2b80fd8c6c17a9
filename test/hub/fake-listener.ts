import type { Encode } from '../../src/hub/encode.ts'
import type { Listener } from '../../src/hub/listener.ts'
import { user } from '../support/samples.ts'

/** A listener that keeps what it is handed: all of it as one text, and in how many packets. */
export interface FakeListener extends Listener {
  heard: string
  packets: number
}

export const fakeListener = (userId = 'someone', encode: Encode = () => null): FakeListener => ({
  by: user(userId),
  encode,
  heard: '',
  packets: 0,
  deliver(packet) {
    this.heard += packet
    this.packets++
  },
  hearsOfOwn: () => true,
  checkedAfter: 0,
  mayBeGuest: false,
  suspect: () => undefined,
  trust: () => undefined,
  end: () => undefined,
  notifyEnd: () => undefined,
})
