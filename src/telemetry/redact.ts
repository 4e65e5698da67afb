/** The longest text of a caller's that is reported; the rest is cut. */
const LONGEST = 2048

const REDACTED = '[redacted]'

/**
 * A compact JWS or JWE (RFC 7515 §3.1, RFC 7516 §3.1). It starts at the start of a word only, so that matching stays
 * linear, and never inside a JSON escape, so that a line of JSON stays one.
 */
const COMPACT_TOKEN =
  /(?:(?<![\w\\-])|(?<=\\[bfnrt])|(?<=\\u[\da-fA-F]{4}))(?:eyJ[\w-]{8,}\.[\w-]*|[\w-]{8,}\.eyJ[\w-]*)(?:\.[\w-]*)*/g

/** Credentials as an Authorization header writes them (RFC 9110 §11.4). */
const CREDENTIALS = /\b(bearer|dpop|basic) +[\w.~+/=-]{8,}/gi

/** Replaces whatever looks like a token or credentials; the result of valid JSON is valid JSON. */
export function scrub(text: string): string {
  const scrubbed = text.includes('eyJ') ? text.replace(COMPACT_TOKEN, REDACTED) : text
  // Credentials have a blank in them, a line of JSON mostly has none, and looking for one costs nothing.
  return scrubbed.includes(' ') ? scrubbed.replace(CREDENTIALS, `$1 ${REDACTED}`) : scrubbed
}

/** A caller's text as it may be reported: of bounded length, and without anything that looks like a token. */
export function reportable(text: string): string {
  return scrub(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)
}
