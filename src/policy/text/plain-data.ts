import { type Document, isAlias, isMap, isScalar, isSeq } from 'yaml'
import { keyText } from './places.ts'

/**
 * A checked document as plain data; an alias is the very thing that it names. The parser's own way looks for each
 * anchor through the whole document.
 */
export function plainData(document: Document.Parsed): unknown {
  return toData(document.contents, new Map())
}

function toData(node: unknown, anchors: Map<string, unknown>): unknown {
  if (isAlias(node)) return anchors.get(node.source)
  const data = ownData(node, anchors)
  const { anchor } = (node ?? {}) as { anchor?: string }
  if (anchor !== undefined) anchors.set(anchor, data)
  return data
}

function ownData(node: unknown, anchors: Map<string, unknown>): unknown {
  if (isSeq(node)) return node.items.map((item) => toData(item, anchors))
  if (!isMap(node)) return isScalar(node) ? node.value : null
  // Unlike an assignment, this makes a property even of `__proto__`.
  return Object.fromEntries(node.items.map((pair) => [keyText(pair), toData(pair.value, anchors)]))
}
