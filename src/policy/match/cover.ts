import type { PathTemplate, SegmentPattern } from './path-template.ts'
import type { RequestMatch } from './request-matcher.ts'

/** True when every request that fits `narrow` fits `wide` as well, as far as can be told without a request. */
export function covers(wide: RequestMatch, narrow: RequestMatch): boolean {
  return (
    coversList(wide.methods, narrow.methods) &&
    coversList(wide.hosts, narrow.hosts) &&
    coversPaths(wide.paths, narrow.paths) &&
    within(wide.notMethods, narrow.notMethods) &&
    within(wide.notHosts, narrow.notHosts) &&
    within(texts(wide.notPaths), texts(narrow.notPaths)) &&
    within(pairs(wide.headers), pairs(narrow.headers)) &&
    within(pairs(wide.context), pairs(narrow.context))
  )
}

/** True when the two name a template alike, and a method and a host that both accept. */
export function shareAPath(a: RequestMatch, b: RequestMatch): boolean {
  const others = new Set(texts(b.paths))
  const common = texts(a.paths).some((text) => others.has(text))
  return common && overlap(a.methods, b.methods) && overlap(a.hosts, b.hosts)
}

function coversList(wide: readonly string[], narrow: readonly string[]): boolean {
  return wide.length === 0 || (narrow.length > 0 && narrow.every((one) => wide.includes(one)))
}

function coversPaths(wide: readonly PathTemplate[], narrow: readonly PathTemplate[]): boolean {
  if (wide.length === 0) return true
  return (
    narrow.length > 0 && narrow.every((one) => wide.some((other) => coversTemplate(other, one)))
  )
}

/** Only a `**` at the end is followed; anything else must be the same text. */
function coversTemplate(wide: PathTemplate, narrow: PathTemplate): boolean {
  if (wide.text === narrow.text) return true
  if (wide.tail === null || wide.tail.length > 0) return false
  const longer = narrow.head.length + (narrow.tail === null ? 0 : 1)
  return (
    longer > wide.head.length && wide.head.every((one, at) => coversSegment(one, narrow.head[at]))
  )
}

function coversSegment(wide: SegmentPattern, narrow: SegmentPattern | undefined): boolean {
  if (narrow === undefined) return false
  if (wide.kind === 'literal') return narrow.kind === 'literal' && narrow.text === wide.text
  return wide.verb === null
}

/** What a match excludes must be excluded by the narrower one too. */
function within(excluded: readonly string[], also: readonly string[]): boolean {
  return excluded.every((one) => also.includes(one))
}

function overlap(a: readonly string[], b: readonly string[]): boolean {
  return a.length === 0 || b.length === 0 || a.some((one) => b.includes(one))
}

function texts(templates: readonly PathTemplate[]): readonly string[] {
  return templates.map(({ text }) => text)
}

function pairs(entries: readonly (readonly [string, string])[]): readonly string[] {
  return entries.map((entry) => JSON.stringify(entry))
}
