import {
  fold,
  type PathTemplate,
  type SegmentPattern,
  withoutTrailingSlash,
} from './path-template.ts'
import type { Sieve } from './rule-index-sieve.ts'

/**
 * A place in the trie of path templates, one step a segment, ASCII case folded. What follows a `**` stands in a trie
 * of its own, which runs from the end of the path backwards.
 */
export type PathNode = {
  readonly literals: Map<string, PathNode>
  /** `{name}` and `*`. */
  wildcard: PathNode | null
  /** `{name}:verb`, by verb. */
  verbs: Map<string, PathNode> | null
  /** `**`. */
  rest: PathNode | null
  /** The rules of which a template ends here. */
  sieve: Sieve | null
}

/** One walk: the path's segments, folded, and whom to tell of each place where a template ends. */
type Walk = { readonly segments: readonly string[]; readonly visit: (sieve: Sieve) => void }

/** How deep templates are told apart; what follows is left to the rules. Paths can have thousands of segments. */
const DEPTH = 32

export function createPathTrie(): PathNode {
  return { literals: new Map(), wildcard: null, verbs: null, rest: null, sieve: null }
}

/** Where these templates end, each place once; without templates, where every path ends. */
export function endsOf(trie: PathNode, templates: readonly PathTemplate[]): ReadonlySet<PathNode> {
  if (templates.length === 0) return new Set([restOf(trie)])
  return new Set(templates.map((template) => endOf(trie, template)))
}

/** Visits what ends at the templates that could fit the path, read loosely. */
export function visitEnds(
  trie: PathNode,
  segments: readonly string[],
  visit: (sieve: Sieve) => void,
): void {
  forwards(trie, 0, { segments: withoutTrailingSlash(segments).map(fold), visit })
}

function forwards(node: PathNode, at: number, walk: Walk): void {
  if (node.rest !== null) backwards(node.rest, walk.segments.length - 1, at, walk)
  const segment = walk.segments[at]
  if (segment === undefined) {
    if (node.sieve !== null) walk.visit(node.sieve)
    return
  }
  const literal = node.literals.get(segment)
  if (literal !== undefined) forwards(literal, at + 1, walk)
  if (node.wildcard !== null) forwards(node.wildcard, at + 1, walk)
  const verb = withVerb(node, at, walk)
  if (verb !== undefined) forwards(verb, at + 1, walk)
}

/** What follows a `**` that stands at `first`, and takes at least one segment when something does. */
function backwards(node: PathNode, at: number, first: number, walk: Walk): void {
  if (node.sieve !== null) walk.visit(node.sieve)
  const segment = walk.segments[at]
  if (at <= first || segment === undefined) return
  const literal = node.literals.get(segment)
  if (literal !== undefined) backwards(literal, at - 1, first, walk)
  if (node.wildcard !== null) backwards(node.wildcard, at - 1, first, walk)
  const verb = withVerb(node, at, walk)
  if (verb !== undefined) backwards(verb, at - 1, first, walk)
}

function withVerb({ verbs }: PathNode, at: number, { segments }: Walk): PathNode | undefined {
  if (verbs === null || at !== segments.length - 1) return undefined
  const segment = segments[at] ?? ''
  return verbs.get(segment.slice(segment.lastIndexOf(':') + 1))
}

function endOf(trie: PathNode, { head, tail }: PathTemplate): PathNode {
  const start = head.slice(0, DEPTH).reduce(stepInto, trie)
  if (head.length > DEPTH) return restOf(start)
  if (tail === null) return start
  return tail.slice(-DEPTH).toReversed().reduce(stepInto, restOf(start))
}

function stepInto(node: PathNode, pattern: SegmentPattern): PathNode {
  if (pattern.kind === 'literal') return childOf(node.literals, fold(pattern.text))
  if (pattern.verb !== null) {
    node.verbs ??= new Map()
    return childOf(node.verbs, fold(pattern.verb))
  }
  node.wildcard ??= createPathTrie()
  return node.wildcard
}

function childOf(children: Map<string, PathNode>, key: string): PathNode {
  const known = children.get(key)
  if (known) return known
  const child = createPathTrie()
  children.set(key, child)
  return child
}

function restOf(node: PathNode): PathNode {
  node.rest ??= createPathTrie()
  return node.rest
}
