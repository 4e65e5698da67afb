/** Bytes that a header of ours may have: enough for any challenge, and far from the 16 KiB that break Node clients. */
export const MAX_HEADER = 4096

/**
 * True for a value that every hop passes on as it is: printable ASCII, neither empty nor blank at an end, and within
 * `MAX_HEADER`. Envoy would write CR and LF to an HTTP/1 client as they are.
 */
export function fitsHeader(value: string): boolean {
  return value.length <= MAX_HEADER && /^[\x20-\x7e]+$/.test(value) && value.trim() === value
}

/**
 * A text as a header value that can be taken back: blanks, `%`, `,` and all but printable ASCII as percent-encoded
 * UTF-8 (RFC 3986 §2.1), so that `decodeURIComponent` returns the text and no list syntax can hide in it.
 */
export function percentEncoded(text: string): string {
  return text.toWellFormed().replace(/[^\x21-\x7e]|[%,]/gu, encodeURIComponent)
}
