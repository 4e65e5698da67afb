/** Deeper nesting than this is nobody's order form. */
const MAX_DEPTH = 32

/** Strings and the marks that structure them, of a text that is known to be JSON. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/g

/**
 * True when two parsers could read a JSON text differently, or it is nested over 32 deep: an object has a key twice,
 * or keys that are equal but for case. The text must be valid JSON.
 */
export function isAmbiguousJson(text: string): boolean {
  const open: Set<string>[] = []
  let lastString = ''
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === ':' && isRepeated(open.at(-1), lastString)) return true
    if (token.startsWith('"')) lastString = token
    nest(open, token)
    if (open.length > MAX_DEPTH) return true
  }
  return false
}

/** Lower case by way of upper case, as parsers that ignore case do: `\u017f` is then `s`. */
export function foldCase(name: string): string {
  return name.toUpperCase().toLowerCase()
}

function nest(open: Set<string>[], token: string): void {
  if (token === '{' || token === '[') open.push(new Set())
  if (token === '}' || token === ']') open.pop()
}

function isRepeated(keys: Set<string> | undefined, quoted: string): boolean {
  const key = foldCase(String(JSON.parse(quoted)))
  if (keys === undefined || keys.has(key)) return true
  keys.add(key)
  return false
}
