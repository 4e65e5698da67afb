import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair } from 'yaml'
import type { NodePath, Span } from './source-file.ts'

/** Finds the parts of a document by their path. */
export type Places = {
  /** The value at a path, or the last part on the way to it. */
  readonly valueAt: (path: NodePath) => Node | null
  /** The key at the end of a path, or the mapping that lacks it. */
  readonly keyAt: (path: NodePath) => Node | null
}

/** Creates the places of a document. Mappings are indexed when first asked: looking through each would be quadratic. */
export function createPlaces(document: Document.Parsed): Places {
  const indices = new WeakMap<Node, ReadonlyMap<string, Pair>>()
  const pairOf = (node: Node | null, key: PropertyKey): Pair | undefined => {
    if (!isMap(node)) return undefined
    const index = indices.get(node) ?? new Map(node.items.map((pair) => [keyText(pair), pair]))
    indices.set(node, index)
    return index.get(String(key))
  }
  const child = (node: Node | null, step: PropertyKey): unknown =>
    isSeq(node) ? node.items[Number(step)] : pairOf(node, step)?.value
  const valueAt = (path: NodePath) => {
    let node: Node | null = document.contents
    for (const step of path) {
      const next = child(node, step)
      if (!isNode(next)) return node
      node = next
    }
    return node
  }
  const keyAt = (path: NodePath) => {
    const parent = valueAt(path.slice(0, -1))
    const key = pairOf(parent, path.at(-1) ?? '')?.key
    return isNode(key) ? key : valueAt(path)
  }
  return { valueAt, keyAt }
}

/** The text of a node; at least one character. */
export function spanOfNode(node: Node | null): Span {
  const [start, end] = node?.range ?? [0, 1]
  return { start, end: Math.max(end, start + 1) }
}

/** The key of a pair as text. */
export function keyText({ key }: Pair): string {
  if (isScalar(key)) return String(key.value)
  return isAlias(key) ? `*${key.source}` : ''
}
