import { parser } from '@prometheus-io/lezer-promql'

/** A choice of series in an expression. */
export type Selector = {
  readonly name: string
  readonly matchers: readonly Matcher[]
}

/** A condition on a label, such as `outcome="fault"`. */
export type Matcher = { readonly label: string; readonly operator: string; readonly value: string }

/** What a PromQL expression asks for. */
export type Query = {
  readonly selectors: readonly Selector[]
  /** The labels that it groups by. */
  readonly groupedBy: readonly string[]
}

/** Reads an expression with Prometheus' own grammar; throws where it does not fit. */
export function readQuery(expression: string): Query {
  const selectors: { name: string; matchers: Matcher[] }[] = []
  const groupedBy: string[] = []
  parser.parse(expression).iterate({
    enter: ({ type, from, to, node }) => {
      const text = expression.slice(from, to)
      if (type.isError) throw new Error(`no PromQL from "${expression.slice(from)}": ${expression}`)
      if (type.name === 'Identifier' && node.parent?.name === 'VectorSelector')
        selectors.push({ name: text, matchers: [] })
      if (type.name === 'UnquotedLabelMatcher') selectors.at(-1)?.matchers.push(readMatcher(text))
      if (type.name === 'LabelName' && node.parent?.name === 'GroupingLabels') groupedBy.push(text)
    },
  })
  return { selectors, groupedBy }
}

function readMatcher(text: string): Matcher {
  const [, label = '', operator = '', value = ''] =
    /^(\w+)\s*([=!]~?|!=)\s*"(.*)"$/.exec(text) ?? []
  return { label, operator, value }
}
