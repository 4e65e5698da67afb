import type { Expression } from './expression/expression.ts'

/** These names, and everything that the variables among them read. */
export function readsThrough(
  names: Iterable<string>,
  scope: { readonly variables: ReadonlyMap<string, Expression> },
): ReadonlySet<string> {
  const reads = new Set<string>()
  for (const name of names) add(name, scope.variables, reads)
  return reads
}

function add(name: string, variables: ReadonlyMap<string, Expression>, reads: Set<string>): void {
  if (reads.has(name)) return
  reads.add(name)
  const [root, field = ''] = name.split('.')
  const variable = root === 'variables' ? variables.get(field) : undefined
  for (const inner of variable?.reads ?? []) add(inner, variables, reads)
}
