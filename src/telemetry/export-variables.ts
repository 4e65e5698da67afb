import { X509Certificate } from 'node:crypto'
import { validateHeaderName, validateHeaderValue } from 'node:http'
import { createSecureContext } from 'node:tls'
import { parseKeyPairsIntoRecord } from '@opentelemetry/core'

/** A variable without the blanks around it; undefined when it is unset or empty. */
export type Read = (name: string) => string | undefined

/** Takes down what is wrong with a variable, and what it should be; never its value, which may be secret. */
export type Wrong = (name: string, problem: string, hint: string) => void

/** Reads a file whole, or throws. */
export type ReadFile = (path: string) => Uint8Array

const PREFIX = 'OTEL_EXPORTER_OTLP_'

/** The more specific of two variables that is set. */
export function specific(read: Read, suffix: string): string | undefined {
  return both(suffix).find((name) => read(name) !== undefined)
}

function both(suffix: string): readonly string[] {
  return [`${PREFIX}TRACES_${suffix}`, `${PREFIX}${suffix}`]
}

/** Reads headers (OpenTelemetry: OTLP exporter, "Specifying headers via environment variables"); traces' own go before. */
export function readHeaders(read: Read, wrong: Wrong): Record<string, string> {
  const names = both('HEADERS').toReversed()
  for (const name of names) {
    const pairs = (read(name) ?? '').split(',').filter((pair) => pair.trim() !== '')
    if (!pairs.every(isHeader))
      wrong(name, 'is malformed', 'name=value pairs, comma-separated, values percent-encoded')
  }
  return Object.assign({}, ...names.map((name) => parseKeyPairsIntoRecord(read(name))))
}

function isHeader(pair: string): boolean {
  const [header] = Object.entries(parseKeyPairsIntoRecord(pair))
  if (header === undefined) return false
  return works(() => {
    validateHeaderName(header[0])
    validateHeaderValue(...header)
  })
}

/** Finds values that the exporter does not know and goes on without, as the specification has it for enumerations. */
export function checkCompression(read: Read, ignored: Wrong): void {
  for (const name of both('COMPRESSION')) {
    if (!COMPRESSIONS.includes(read(name)))
      ignored(name, 'names an unknown compression and is ignored', 'gzip or none')
  }
}

const COMPRESSIONS = [undefined, 'none', 'gzip']

/** Finds certificates and keys that the exporter would go on without: it would trust others, or be trusted by nobody. */
export function checkCertificates(read: Read, wrong: Wrong, readFile: ReadFile): void {
  const pem = (suffix: string) => pemNamed(specific(read, suffix), read, wrong, readFile)
  const [ca, cert, key] = [pem('CERTIFICATE'), pem('CLIENT_CERTIFICATE'), pem('CLIENT_KEY')]
  if (ca?.bytes && !hasCertificate(ca.bytes)) wrong(ca.name, 'names no certificate', PEM)
  const [some, other] = cert ? [cert, key] : [key, cert]
  if (some && !other) {
    const lacks = some === cert ? 'CLIENT_KEY' : 'CLIENT_CERTIFICATE'
    wrong(some.name, `is of no use without ${PREFIX}${lacks}`, 'set both, or neither')
  }
  if (!cert?.bytes || !key?.bytes) return
  const pair = { cert: cert.bytes, key: key.bytes }
  if (!works(() => createSecureContext(pair)))
    wrong(cert.name, `names no certificate of the key of ${key.name}`, PEM)
}

const PEM = 'a file in PEM'

/** The file of a variable that is set; `bytes` undefined where it cannot be read. */
function pemNamed(name: string | undefined, read: Read, wrong: Wrong, readFile: ReadFile) {
  if (name === undefined) return null
  try {
    return { name, bytes: Buffer.from(readFile(read(name) ?? '')) }
  } catch {
    wrong(name, 'names a file that cannot be read', PEM)
    return { name, bytes: undefined }
  }
}

/** TLS itself would silently trust nobody more for a file without any. */
function hasCertificate(bytes: Buffer): boolean {
  return bytes.includes('-----BEGIN ') && works(() => new X509Certificate(bytes))
}

function works(attempt: () => unknown): boolean {
  try {
    attempt()
    return true
  } catch {
    return false
  }
}
