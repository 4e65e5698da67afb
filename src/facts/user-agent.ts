/** Kinds of programs by what only they have in their text; a browser claims to be those below it as well. */
const FAMILIES: readonly (readonly [family: string, mark: RegExp])[] = [
  ['edge', /\bEdg(?:e|A|iOS)?\//],
  ['opera', /\bOPR\//],
  ['samsung', /\bSamsungBrowser\//],
  ['firefox', /\b(?:Firefox|FxiOS)\//],
  ['chrome', /\b(?:Chrome|Chromium|CriOS)\//],
  ['safari', /\bSafari\//],
]

/** Android says that it is Linux, and an iPhone that it is like Mac OS X. */
const SYSTEMS: readonly (readonly [system: string, mark: RegExp])[] = [
  ['android', /\bAndroid\b/],
  ['ios', /\b(?:iPhone|iPad|iPod)\b/],
  ['windows', /\bWindows\b/],
  ['macos', /\bMac(?:intosh| OS X)\b/],
  ['chromeos', /\bCrOS\b/],
  ['linux', /\bLinux\b/],
]

/**
 * The kind of program and system that a `User-Agent` (RFC 9110 §10.1.5) names, without versions: those change within
 * a session, when a browser updates itself, while whoever has stolen a session seldom has the same kind on the same system.
 * A program that is not known goes by the name of its first product.
 */
export function coarseUserAgent(text: string): string {
  return `${nameIn(FAMILIES, text) ?? product(text)} on ${nameIn(SYSTEMS, text) ?? 'other'}`
}

function nameIn(names: typeof FAMILIES, text: string): string | undefined {
  return names.find(([, mark]) => mark.test(text))?.[0]
}

function product(text: string): string {
  return text.split(/[\s/(;]/, 1)[0]?.toLowerCase() ?? ''
}
