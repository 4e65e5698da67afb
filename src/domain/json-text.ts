/**
 * A JSON string (RFC 8259 §7) in printable ASCII: all else is escaped, so that a line stays one line, shows what is in it
 * to any reader, and has as many bytes as characters.
 */
export function quote(text: string): string {
  return NEEDS_ESCAPE.test(text) ? escaped(text) : `"${text}"`
}

/** A JSON string, or null. */
export function quoteOrNull(text: string | null | undefined): string {
  return text === null || text === undefined ? 'null' : quote(text)
}

/** A JSON array of strings. */
export function quoteAll(texts: readonly string[]): string {
  return texts.length === 0 ? '[]' : `[${texts.map(quote).join(',')}]`
}

/** A JSON object whose values are JSON already. */
export function objectOf(members: readonly (readonly [string, string])[]): string {
  return `{${members.map(([name, json]) => `${quote(name)}:${json}`).join(',')}}`
}

/** A JSON number; null for what JSON has no number for. */
export function numberOrNull(value: number | null | undefined): string {
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : 'null'
}

const NEEDS_ESCAPE = /[^\x20-\x7e]|["\\]/

const NOT_ASCII = /[^\x20-\x7e]/g

/** `JSON.stringify` leaves DEL, C1 and everything above as it is. */
function escaped(text: string): string {
  return JSON.stringify(text).replace(
    NOT_ASCII,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
