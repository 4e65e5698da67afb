import type { ASTNode } from '@marcbachmann/cel-js'
import { nearest } from '../../domain/nearest.ts'
import type { ExpressionProblem, KnownNames } from './known-names.ts'
import { namePath } from './walk.ts'

type Words = Pick<ExpressionProblem, 'code' | 'message' | 'hint'>

/** A word that is no root: an author may have left out the root, or the quotes. */
export function unknownRoot(known: KnownNames, word: string): Words {
  const close = nearest(word, known.fields.keys())
  const quoted = [...known.networks, ...known.schedules].includes(word)
  const root = [...known.fields].find(([, fields]) => fields.includes(word))?.[0]
  const meant = quoted ? `"${word}"` : root ? `${root}.${word}` : close
  const hint = meant ? `did you mean \`${meant}\`?` : `known: ${rootsOf(known).join(', ')}`
  return { code: 'unknown-name', message: `unknown name \`${word}\``, hint }
}

function rootsOf(known: KnownNames): readonly string[] {
  return [...known.fields.keys()].filter((name) => !name.includes('.'))
}

/** A field that the thing before the dot does not have. */
export function unknownField(known: KnownNames, base: string, word: string): Words {
  const fields = known.fields.get(base)
  const close = nearest(word, fields ?? [])
  const hint = close ? `did you mean \`${close}\`?` : fields ? listed(base, fields) : null
  return { code: 'unknown-name', message: `unknown name \`${word}\``, hint }
}

/** The fields of bodies and claims are the author's own to declare. */
function listed(base: string, fields: readonly string[]): string {
  const section = DECLARED.get(base)
  const all = fields.slice(0, 20).join(', ') || 'none'
  return section ? `declared under \`${section}\`: ${all}` : `known here: ${all}`
}

const DECLARED: ReadonlyMap<string, string> = new Map([
  ['request.body', 'inputs.body'],
  ['subject.claims', 'inputs.claims'],
  ['variables', 'variables'],
])

/** `has(request.body.sets)`: CEL takes any name there, and a misspelt one would never be there. */
export function unknownTested(node: ASTNode, known: KnownNames): ExpressionProblem[] {
  const tested = node.op === 'call' && node.args[0] === 'has' ? node.args[1][0] : undefined
  const path = tested && namePath(tested)
  const [name, base] = [path?.at(-1), path?.slice(0, -1).join('.')]
  if (!tested || name === undefined || base === undefined) return []
  const fields = known.fields.get(base)
  if (!fields || fields.includes(name)) return []
  return [{ ...unknownField(known, base, name), start: tested.end - name.length, end: tested.end }]
}
