import { isMap, isSeq, LineCounter, parseDocument } from 'yaml'
import type { PolicySource } from '../policy/text/source-file.ts'

/** A rule or signal as its author wrote it, and where. */
export type RuleText = {
  readonly id: string
  readonly file: string
  readonly line: number
  readonly text: string
}

/** The texts of all rules and signals of a policy by their ids; what cannot be read is left out. */
export function ruleTexts(sources: readonly PolicySource[]): ReadonlyMap<string, RuleText> {
  return new Map(sources.flatMap(textsIn).map((one) => [one.id, one]))
}

function textsIn({ file, text }: PolicySource): readonly RuleText[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false })
  return ['rules', 'signals'].flatMap((key) => {
    const list = document.get(key)
    const items = isSeq(list) ? list.items.filter(isMap) : []
    return items.flatMap((item) => {
      const [start = 0, end = 0] = item.range ?? []
      const { line, col } = lines.linePos(start)
      const id = String(item.get('id'))
      return [{ id, file, line, text: outdented(text.slice(start, end), col - 1) }]
    })
  })
}

/** Its lines as far to the left as its first. */
function outdented(text: string, depth: number): string {
  const margin = new RegExp(`^ {0,${depth}}`)
  return text
    .trimEnd()
    .split('\n')
    .map((line, at) => (at === 0 ? line : line.replace(margin, '')))
    .join('\n')
}
