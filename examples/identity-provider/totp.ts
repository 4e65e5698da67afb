import { createHmac } from 'node:crypto'

const STEP = 30_000
const DIGITS = 6
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The time-based one-time password of a base32 secret at a time in milliseconds (RFC 6238: SHA-1, 30 s, 6 digits). */
export function totp(secret: string, time: number): string {
  return codeOf(secret, stepAt(time))
}

/**
 * The time step whose code this is, one step of clock skew allowed, or null. Steps up to `lastStep` are spent:
 * a code is accepted once (RFC 6238 §5.2).
 */
export function acceptedStep(
  secret: string,
  code: string,
  time: number,
  lastStep: number,
): number | null {
  const now = stepAt(time)
  const steps = [now, now - 1, now + 1]
  return steps.find((step) => step > lastStep && codeOf(secret, step) === code) ?? null
}

/** A code is the truncated HMAC of the number of the time step (RFC 4226 §5.3). */
function codeOf(secret: string, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', decodeBase32(secret)).update(counter).digest()
  const offset = mac.readUInt8(mac.length - 1) & 0x0f
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0')
}

function stepAt(time: number): number {
  return Math.floor(time / STEP)
}

function decodeBase32(text: string): Buffer {
  const bits = [...text].map((char) => BASE32.indexOf(char).toString(2).padStart(5, '0')).join('')
  const bytes = bits.match(/.{8}/g) ?? []
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)))
}
