import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** A certificate in PEM, and the key that belongs to it. */
export type Certified = { readonly pem: string; readonly key: KeyObject }

/** What a certificate says. Without `by` it is signed by itself. */
export type Wanted = {
  /** Alternative names in order. */
  readonly names?: readonly (readonly ['URI' | 'DNS', string])[]
  readonly authority?: boolean
  readonly by?: Certified
}

const [INTEGER, BITS, OCTETS, TEXT, UTC_TIME, SEQUENCE, SET] = [
  0x02, 0x03, 0x04, 0x0c, 0x17, 0x30, 0x31,
]
const KINDS = { DNS: 0x82, URI: 0x86 } as const
const ECDSA_WITH_SHA256 = der(SEQUENCE, hex('06082a8648ce3d040302'))
const COMMON_NAME = hex('0603550403')
const BASIC_CONSTRAINTS = hex('0603551d13')
const SUBJECT_ALT_NAME = hex('0603551d11')
const TRUE = hex('0101ff')
let serial = 0

/** Makes an X.509 certificate with a new P-256 key, good for many years (RFC 5280 §4.1). */
export function certificate({ names = [], authority = false, by }: Wanted = {}): Certified {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = (text: string) =>
    der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(TEXT, Buffer.from(text)))))
  const validity = der(SEQUENCE, time('250101000000Z'), time('491231235959Z'))
  const signed = der(
    SEQUENCE,
    der(0xa0, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, Buffer.from([1, ++serial >> 8, serial & 0xff])),
    ECDSA_WITH_SHA256,
    name(by === undefined && !authority ? 'itself' : 'authority'),
    validity,
    name(authority ? 'authority' : 'itself'),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(SEQUENCE, ...extensions(names, authority))),
  )
  const signature = sign('sha256', signed, by?.key ?? privateKey)
  const whole = der(SEQUENCE, signed, ECDSA_WITH_SHA256, der(BITS, Buffer.of(0), signature))
  const lines = whole.toString('base64').replace(/.{64}(?=.)/g, '$&\n')
  const pem = `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
  return { pem, key: privateKey }
}

function extensions(names: NonNullable<Wanted['names']>, authority: boolean): Buffer[] {
  const constraints = der(OCTETS, authority ? der(SEQUENCE, TRUE) : der(SEQUENCE))
  const all = [der(SEQUENCE, BASIC_CONSTRAINTS, TRUE, constraints)]
  if (names.length === 0) return all
  const written = names.map(([kind, value]) => der(KINDS[kind], Buffer.from(value, 'latin1')))
  return [...all, der(SEQUENCE, SUBJECT_ALT_NAME, der(OCTETS, der(SEQUENCE, ...written)))]
}

function time(text: string): Buffer {
  return der(UTC_TIME, Buffer.from(text))
}

/** One element of the distinguished encoding: tag, length, content (X.690 §8.1). */
function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content)
  const { length } = body
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), body])
  if (length < 0x100) return Buffer.concat([Buffer.of(tag, 0x81, length), body])
  return Buffer.concat([Buffer.of(tag, 0x82, length >> 8, length & 0xff), body])
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex')
}
