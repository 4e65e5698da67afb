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
  const { head, tail } = template
  if (tail === null) {
    return segments.length === head.length
      ? matchSegments(head, segments, 0, reading, NO_PARAMS)
      : null
  }
  const fewest = head.length + tail.length + 1
  if (segments.length < fewest) return reading === 'loose' ? matchBase(template, segments) : null
  if (segments.length > 1 && segments[head.length] === '') return null
  const params = matchSegments(head, segments, 0, reading, NO_PARAMS)
  return params && matchSegments(tail, segments, segments.length - tail.length, reading, params)
}

/** `/a/**` read loosely includes `/a` itself. */
function matchBase(template: PathTemplate, segments: readonly string[]): PathParams | null {
  if (template.tail?.length !== 0 || segments.length !== template.head.length) return null
  return matchSegments(template.head, segments, 0, 'loose', NO_PARAMS)
}

function matchSegments(
  patterns: readonly SegmentPattern[],
  segments: readonly string[],
  from: number,
  reading: Reading,
  params: PathParams,
): PathParams | null {
  let captured: Map<string, string> | null = null
  for (const [at, pattern] of patterns.entries()) {
    const index = from + at
    const value = matchSegment(
      pattern,
      segments[index] ?? '',
      index === segments.length - 1,
      reading,
    )
    if (value === null) return null
    if (pattern.kind === 'literal' || pattern.name === null) continue
    captured ??= new Map(params)
    captured.set(pattern.name, value)
  }
  return captured ?? params
}

/** The captured text, or null when the segment does not fit. A verb can stand only on the last segment. */
function matchSegment(
  pattern: SegmentPattern,
  segment: string,
  last: boolean,
  reading: Reading,
): string | null {
  if (pattern.kind === 'literal') return same(segment, pattern.text, reading) ? segment : null
  const colon = last ? segment.lastIndexOf(':') : -1
  if (pattern.verb === null) return colon < 0 && segment !== '' ? segment : null
  const fits = colon > 0 && same(segment.slice(colon + 1), pattern.verb, reading)
  return fits ? segment.slice(0, colon) : null
}

function same(sent: string, written: string, reading: Reading): boolean {
  return sent === written || (reading === 'loose' && fold(sent) === fold(written))
}

function segmentProblem(part: string, at: number, parts: readonly string[]): string | null {
  const last = at === parts.length - 1
  if (part === '' && parts.length > 1) return 'a template has no empty segment'
  if (/[%?#;\\]/.test(part)) return 'a template is plain text without `%`, `?`, `#`, `;` and `\\`'
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

function withoutTrailingSlash(segments: readonly string[]): readonly string[] {
  return segments.length > 1 && segments.at(-1) === '' ? segments.slice(0, -1) : segments
}

/** Lower case for ASCII letters only: other scripts have no case that backends agree on. */
export function fold(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}
