import type { CanonicalPath } from './access-request.ts'

/** Characters of a path, its query aside; longer ones are refused. */
export const MAX_PATH = 8192

/** A path in its one form with the query as it came, or why two parsers could read it differently. */
export type PathReading =
  | { readonly kind: 'path'; readonly path: CanonicalPath; readonly query: string }
  | { readonly kind: 'ambiguous'; readonly why: PathAmbiguity }

/** Every way a path can be ambiguous. */
export type PathAmbiguity =
  | 'not-absolute'
  | 'too-long'
  | 'fragment'
  | 'character'
  | 'backslash'
  | 'bad-escape'
  | 'double-encoding'
  | 'encoded-delimiter'
  | 'parameter'
  | 'control'
  | 'invalid-utf8'
  | 'dot-segment'
  | 'empty-segment'

/**
 * Brings a request target (RFC 9112 §3.2.1, with its query) into the form in which paths are compared: escapes of
 * unreserved characters (RFC 3986 §2.3) decoded, all others kept in upper case, segments decoded. Nothing is repaired.
 *
 * `%25` is refused wherever it stands: with no `%` left in a segment, decoding once more changes nothing.
 */
export function canonicalPath(raw: string): PathReading {
  const mark = raw.indexOf('?')
  const path = mark < 0 ? raw : raw.slice(0, mark)
  const query = mark < 0 ? '' : raw.slice(mark + 1)
  const why = inTarget(raw) ?? inPath(path)
  return why === undefined ? readSegments(path, query) : ambiguous(why)
}

function inTarget(raw: string): PathAmbiguity | undefined {
  if (!raw.startsWith('/')) return 'not-absolute'
  if (raw.includes('#')) return 'fragment'
  return NOT_VISIBLE_ASCII.test(raw) ? 'character' : undefined
}

function inPath(path: string): PathAmbiguity | undefined {
  if (path.length > MAX_PATH) return 'too-long'
  return REFUSED.find(([pattern]) => pattern.test(path))?.[1]
}

function readSegments(path: string, query: string): PathReading {
  const decoded = decode(path)
  if (decoded === undefined) return ambiguous('invalid-utf8')
  const segments = decoded.slice(1).split('/')
  const why = inSegments(segments)
  if (why !== undefined) return ambiguous(why)
  return { kind: 'path', path: { text: canonicalText(path), segments }, query }
}

function inSegments(segments: readonly string[]): PathAmbiguity | undefined {
  if (segments.some((segment) => segment === '.' || segment === '..')) return 'dot-segment'
  if (segments.slice(0, -1).includes('')) return 'empty-segment'
  return segments.some((segment) => CONTROL.test(segment)) ? 'control' : undefined
}

function canonicalText(path: string): string {
  return path.replace(ESCAPE, (triplet) => {
    const character = String.fromCharCode(Number.parseInt(triplet.slice(1), 16))
    return UNRESERVED.test(character) ? character : triplet.toUpperCase()
  })
}

/** Undefined for bytes that are no UTF-8, overlong forms and surrogates among them (RFC 3629 §3). */
function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

function ambiguous(why: PathAmbiguity): PathReading {
  return { kind: 'ambiguous', why }
}

const ESCAPE = /%[0-9A-Fa-f]{2}/g
const UNRESERVED = /[A-Za-z0-9._~-]/
const NOT_VISIBLE_ASCII = /[^\x21-\x7e]/

/** C0, DEL and C1. */
const CONTROL = /\p{Cc}/u

const REFUSED: readonly (readonly [RegExp, PathAmbiguity])[] = [
  [/\\/, 'backslash'],
  [/;|%3b/i, 'parameter'],
  [/%(?![0-9a-f]{2})/i, 'bad-escape'],
  [/%25/, 'double-encoding'],
  [/%(?:2f|5c|3f|23)/i, 'encoded-delimiter'],
  // Decoded it would pass for the colon of a custom verb, which stands on the last segment.
  [/%3a[^/]*\/?$/i, 'encoded-delimiter'],
  [/%(?:[01][0-9a-f]|7f)/i, 'control'],
]
