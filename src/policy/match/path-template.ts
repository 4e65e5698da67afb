import type { CanonicalPath } from '../../domain/access-request.ts'

/**
 * A compiled path template over whole segments: literals, `{name}` and `*` (one segment), `**` (one or more, once,
 * anywhere) and a custom verb on the last segment (`{name}:activate`, Google AIP-136).
 */
export type PathTemplate = {
  readonly text: string
  readonly head: readonly SegmentPattern[]
  /** Patterns after `**`; null when the template has none. */
  readonly tail: readonly SegmentPattern[] | null
  /** Captured names, in order. */
  readonly names: readonly string[]
}

/** One segment: `verb` is the text after the colon, kept only for captures and wildcards. */
export type SegmentPattern =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'one'; readonly name: string | null; readonly verb: string | null }

/** Captured segments by name, decoded. */
export type PathParams = ReadonlyMap<string, string>

/**
 * How strictly a template is read. Many backends serve `/Tier/` for `/tier`, so what tightens reads `loose`
 * (ASCII case and a trailing slash ignored, `/a/**` includes `/a`) and what grants reads `exact`.
 */
export type Reading = 'exact' | 'loose'

const NO_PARAMS: PathParams = new Map()
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Parses a template; the string is the reason why it is not one. */
export function parsePathTemplate(text: string): PathTemplate | string {
  if (!text.startsWith('/')) return 'a path template starts with `/`'
  const parts = text.slice(1).split('/')
  const problem = parts.map((part, at) => segmentProblem(part, at, parts)).find(Boolean)
  if (problem) return problem
  const deep = parts.indexOf('**')
  if (parts.lastIndexOf('**') !== deep) return '`**` may stand once in a template'
  const head = (deep < 0 ? parts : parts.slice(0, deep)).map(segmentPattern)
  const tail = deep < 0 ? null : parts.slice(deep + 1).map(segmentPattern)
  const names = [...head, ...(tail ?? [])].flatMap((one) =>
    one.kind === 'one' && one.name !== null ? [one.name] : [],
  )
  if (new Set(names).size < names.length) return 'a template captures each name once'
  return { text, head, tail, names }
}

/** The captured params when the path fits, else null. */
export function matchPath(
  template: PathTemplate,
  path: CanonicalPath,
  reading: Reading,
): PathParams | null {
  const segments = reading === 'loose' ? withoutTrailingSlash(path.segments) : path.segments
  if (!fitsTemplate(template, segments, reading)) return null
  return template.names.length === 0 ? NO_PARAMS : capture(template, segments)
}

function fitsTemplate(
  { head, tail }: PathTemplate,
  segments: readonly string[],
  reading: Reading,
): boolean {
  const more = segments.length - head.length
  if (tail === null) return more === 0 && fitSegments(head, segments, 0, reading)
  // `/a/**` read loosely includes `/a` itself.
  const base = reading === 'loose' && tail.length === 0 && more === 0
  if (more <= tail.length && !base) return false
  if (segments.length > 1 && segments[head.length] === '') return false
  return (
    fitSegments(head, segments, 0, reading) &&
    fitSegments(tail, segments, segments.length - tail.length, reading)
  )
}

function fitSegments(
  patterns: readonly SegmentPattern[],
  segments: readonly string[],
  from: number,
  reading: Reading,
): boolean {
  let index = from
  for (const pattern of patterns) {
    const segment = segments[index++] ?? ''
    if (!fitsSegment(pattern, segment, index === segments.length, reading)) return false
  }
  return true
}

/** A verb can stand only on the last segment. */
function fitsSegment(
  pattern: SegmentPattern,
  segment: string,
  last: boolean,
  reading: Reading,
): boolean {
  if (pattern.kind === 'literal') return same(segment, pattern.text, reading)
  const colon = last ? segment.lastIndexOf(':') : -1
  if (pattern.verb === null) return colon < 0 && segment !== ''
  return colon > 0 && same(segment.slice(colon + 1), pattern.verb, reading)
}

/** Of a template that fits: what its names stand for, without verbs. */
function capture({ head, tail }: PathTemplate, segments: readonly string[]): PathParams {
  const params = new Map<string, string>()
  const add = (patterns: readonly SegmentPattern[], from: number) => {
    for (const [at, pattern] of patterns.entries()) {
      if (pattern.kind === 'literal' || pattern.name === null) continue
      const segment = segments[from + at] ?? ''
      params.set(pattern.name, pattern.verb === null ? segment : withoutVerb(segment))
    }
  }
  add(head, 0)
  if (tail !== null) add(tail, segments.length - tail.length)
  return params
}

function withoutVerb(segment: string): string {
  return segment.slice(0, segment.lastIndexOf(':'))
}

/** Folding keeps the length, so most that differ are told apart without it. */
function same(sent: string, written: string, reading: Reading): boolean {
  if (sent === written) return true
  return reading === 'loose' && sent.length === written.length && fold(sent) === fold(written)
}

function segmentProblem(part: string, at: number, parts: readonly string[]): string | null {
  const last = at === parts.length - 1
  if (part === '' && parts.length > 1) return 'a template has no empty segment'
  if (/[%?#;\\]/.test(part)) return 'a template is plain text without `%`, `?`, `#`, `;` and `\\`'
  if (/[\p{Cc}\p{Surrogate}]/u.test(part)) return 'a template has no control characters'
  if (part === '.' || part === '..') return 'a template has no dot segment'
  const verb = part.match(/^(\{[^{}]*\}|\*):(.+)$/)
  if (verb && !last) return 'a custom verb stands on the last segment'
  return wildcardProblem(verb?.[1] ?? part)
}

function wildcardProblem(part: string): string | null {
  if (part === '*' || part === '**' || !/[{}*]/.test(part)) return null
  const name = part.match(/^\{(.*)\}$/)?.[1]
  if (name === undefined) return 'a segment is a literal, `{name}`, `*` or `**` as a whole'
  return NAME.test(name) ? null : `\`{${name}}\` is not a name`
}

function segmentPattern(part: string): SegmentPattern {
  const wild = part.match(/^(?:\{(.+?)\}|\*)(?::(.+))?$/)
  if (!wild) return { kind: 'literal', text: part }
  return { kind: 'one', name: wild[1] ?? null, verb: wild[2] ?? null }
}

export function withoutTrailingSlash(segments: readonly string[]): readonly string[] {
  return segments.length > 1 && segments.at(-1) === '' ? segments.slice(0, -1) : segments
}

/** Lower case for ASCII letters only: other scripts have no case that backends agree on. */
export function fold(text: string): string {
  let capitals = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code > 0x7f) return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
    if (code >= 0x41 && code <= 0x5a) capitals = true
  }
  return capitals ? text.toLowerCase() : text
}
