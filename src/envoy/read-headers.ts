import type { MultiMap } from '../domain/access-request.ts'
import type { HttpRequest, RawHeader } from './wire.ts'

/** Headers by lower-case name, and every name as it was received, once each. */
export type ReceivedHeaders = { readonly values: MultiMap; readonly names: readonly string[] }

/**
 * Collects the headers out of `headers` (repeated ones joined by a comma) and `header_map` (one entry a line, values
 * as bytes). Pseudo headers are left out: what they say stands in fields of its own.
 */
export function readHeaders(http: HttpRequest): ReceivedHeaders {
  const values = new Map<string, string[]>()
  const names = new Set<string>()
  for (const [name, value] of headerLines(http)) {
    if (name.startsWith(':')) continue
    names.add(name)
    append(values, name.toLowerCase(), value)
  }
  return { values, names: [...names] }
}

/** Adds a value to those that a name has already. */
export function append(values: Map<string, string[]>, name: string, value: string): void {
  const others = values.get(name)
  if (others === undefined) values.set(name, [value])
  else others.push(value)
}

function headerLines(http: HttpRequest): readonly (readonly [string, string])[] {
  const joined = Object.entries(http.headers ?? {})
  const raw = http.headerMap?.headers
  return raw === undefined ? joined : [...joined, ...raw.map(rawLine)]
}

function rawLine({ key = '', value = '', rawValue }: RawHeader): readonly [string, string] {
  return [key, rawValue === undefined ? value : utf8(rawValue)]
}

/** Reads the bytes where they are: there is one such text for each header of each request. */
function utf8({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('utf8')
}
