import { createCipheriv, createECDH, createHmac, type ECDH, randomBytes } from 'node:crypto'

const hmac = (key: Buffer, ...parts: readonly (Buffer | string)[]): Buffer => {
  const digest = createHmac('sha256', key)
  for (const part of parts) digest.update(part)
  return digest.digest()
}

/** One record holds it all. */
const recordSize = 4_096
/** What is left of a record for the text: without the header of 86 bytes, the delimiter and the tag. */
export const mostPlainBytes = recordSize - 86 - 1 - 16

/** Where a test gives what is else random. */
interface Given {
  readonly salt: Buffer
  /** The sender's keys, of one message only. */
  readonly sender: ECDH
}

function fresh(): Given {
  const sender = createECDH('prime256v1')
  sender.generateKeys()
  return { salt: randomBytes(16), sender }
}

/**
 * Encrypts for a browser (RFC 8291) in one record of `aes128gcm` (RFC 8188). Only that browser can read it, no push service.
 * `p256dh` and `auth` are the browser's keys, in base64url. At most `mostPlainBytes`.
 */
export function encrypt(
  plain: Buffer,
  { p256dh, auth }: { readonly p256dh: string; readonly auth: string },
  { salt, sender }: Given = fresh(),
): Buffer {
  const receiver = Buffer.from(p256dh, 'base64url')
  const senderKey = sender.getPublicKey()
  const shared = hmac(Buffer.from(auth, 'base64url'), sender.computeSecret(receiver))
  const input = hmac(shared, 'WebPush: info\0', receiver, senderKey, '\x01')
  const key = hmac(salt, input)
  const contentKey = hmac(key, 'Content-Encoding: aes128gcm\0\x01').subarray(0, 16)
  const nonce = hmac(key, 'Content-Encoding: nonce\0\x01').subarray(0, 12)

  const header = Buffer.alloc(21)
  salt.copy(header)
  header.writeUInt32BE(recordSize, 16)
  header.writeUInt8(senderKey.length, 20)
  const cipher = createCipheriv('aes-128-gcm', contentKey, nonce)
  // The delimiter of the last record.
  const encrypted = [cipher.update(plain), cipher.update(Buffer.of(2)), cipher.final(), cipher.getAuthTag()]
  return Buffer.concat([header, senderKey, ...encrypted])
}
