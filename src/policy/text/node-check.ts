import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  Scalar,
} from 'yaml'
import { keyText, spanOfNode } from './places.ts'
import type { IssueText, Span } from './source-file.ts'

/** A mistake of a document that is valid YAML, and where. */
export type NodeMistake = { readonly at: Span; readonly what: IssueText }

/** Deeper than any policy, and shallow enough for whoever walks through the data. */
const MAX_DEPTH = 100
/** How many parts aliases may stand for in all: they may make a file shorter, not explode it. */
const MAX_ALIASED = 1_000_000

/** What a part comes to with its aliases written out. */
type Extent = { readonly parts: number; readonly height: number }

type Check = {
  readonly lineOf: (offset: number) => number
  readonly mistakes: NodeMistake[]
  /** By anchor; null while it is open. */
  readonly anchors: Map<string, Extent | null>
  aliased: number
}

const QUOTE = 'put text that begins with `*` in quotes'

const LEAF: Extent = { parts: 1, height: 1 }

/**
 * Keys that repeat or would merge, aliases that lead nowhere or explode, and depth: what YAML allows, or its parser
 * finds only when it is too late to say where.
 */
export function checkNodes(
  document: Document.Parsed,
  lineOf: (offset: number) => number,
): readonly NodeMistake[] {
  const check: Check = { lineOf, mistakes: [], anchors: new Map(), aliased: 0 }
  measure(document.contents, 1, check)
  return check.mistakes
}

function measure(node: unknown, depth: number, check: Check): Extent {
  if (!isNode(node)) return LEAF
  if (isAlias(node)) return measureAlias(node, depth, check)
  const { anchor } = node as { anchor?: string }
  if (anchor !== undefined) check.anchors.set(anchor, null)
  const extent = depth > MAX_DEPTH ? tooDeep(node, check) : measureChildren(node, depth, check)
  if (anchor !== undefined) check.anchors.set(anchor, extent)
  return extent
}

function measureChildren(node: Node, depth: number, check: Check): Extent {
  if (isMap(node)) checkKeys(node.items, check)
  const children: readonly unknown[] = isMap(node)
    ? node.items.map((pair) => pair.value)
    : isSeq(node)
      ? node.items
      : []
  let [parts, height] = [1, 0]
  for (const child of children) {
    const extent = measure(child, depth + 1, check)
    parts += extent.parts
    height = Math.max(height, extent.height)
  }
  return { parts, height: height + 1 }
}

function measureAlias(alias: Alias, depth: number, check: Check): Extent {
  const extent = check.anchors.get(alias.source)
  if (!extent) {
    const [message, hint] =
      extent === null
        ? [`\`*${alias.source}\` stands inside of what it names`, 'put it after that']
        : [`\`*${alias.source}\` is an alias in YAML, and nothing before it has that name`, QUOTE]
    report(alias, { code: 'unknown-alias', message, hint: hint ?? null }, check)
    return LEAF
  }
  if (depth + extent.height > MAX_DEPTH) return tooDeep(alias, check)
  const before = check.aliased
  check.aliased += extent.parts
  if (before <= MAX_ALIASED && check.aliased > MAX_ALIASED) {
    const message = `the aliases up to here stand for over ${MAX_ALIASED} parts`
    report(
      alias,
      { code: 'file-too-large', message, hint: 'write fewer aliases of aliases' },
      check,
    )
  }
  return check.aliased > MAX_ALIASED ? LEAF : extent
}

function tooDeep(node: Node, check: Check): Extent {
  if (!check.mistakes.some(({ what }) => what.code === 'too-deep')) {
    const message = `this is nested over ${MAX_DEPTH} deep`
    report(node, { code: 'too-deep', message, hint: 'no policy needs that' }, check)
  }
  return LEAF
}

function checkKeys(pairs: readonly Pair[], check: Check): void {
  const seen = new Map<string, number>()
  for (const pair of pairs) {
    const { key } = pair
    const text = keyText(pair)
    const [start] = (isNode(key) ? key.range : null) ?? [0]
    const before = seen.get(text)
    if (before !== undefined) reportRepeated(key, text, before, check)
    if (isMergeKey(key)) reportMerge(key, check)
    seen.set(text, start)
  }
}

function isMergeKey(key: unknown): key is Scalar {
  return isScalar(key) && key.value === '<<' && key.type === Scalar.PLAIN
}

function reportRepeated(key: unknown, text: string, before: number, check: Check): void {
  const message = `the key \`${text}\` stands here twice`
  const hint = `the first is in line ${check.lineOf(before)}: remove one of them`
  report(isNode(key) ? key : null, { code: 'duplicate-key', message, hint }, check)
}

function reportMerge(key: Scalar, check: Check): void {
  const message = '`<<` merges nothing: YAML 1.2 has no merge keys'
  report(key, { code: 'merge-key', message, hint: 'write the keys out' }, check)
}

function report(node: Node | null, what: IssueText, check: Check): void {
  check.mistakes.push({ at: spanOfNode(node), what })
}
