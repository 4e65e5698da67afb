import type { AccessRequest } from '../../domain/access-request.ts'

/** The media type alone, in lower case; empty when there is none or more than one. */
export function contentType({ headers }: AccessRequest): string {
  const all = headers.get('content-type') ?? []
  return all.length === 1 ? (all[0]?.split(';', 1)[0]?.trim().toLowerCase() ?? '') : ''
}

/**
 * True when the bytes are UTF-8 text as they stand: no other charset is claimed, none twice, and no coding lies over
 * them (RFC 9110 §8.3, §8.4). A backend that honoured one would read another text than we do.
 */
export function isPlainUtf8({ headers }: AccessRequest): boolean {
  const codings = headers.get('content-encoding') ?? []
  if (codings.some((coding) => coding.trim().toLowerCase() !== 'identity')) return false
  const [, ...parameters] = (headers.get('content-type')?.[0] ?? '').toLowerCase().split(';')
  const charsets = parameters.map((one) => one.trim()).filter((one) => one.startsWith('charset'))
  return (
    charsets.length === 0 ||
    (charsets.length === 1 && /^charset="?utf-?8"?$/.test(charsets[0] ?? ''))
  )
}
