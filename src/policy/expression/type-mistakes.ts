import { nearest } from '../../domain/nearest.ts'
import type { Description, Mistake } from './mistakes.ts'

/** `no such overload: double > string`, `no such overload: !string`. */
export function noSuchOperator(mistake: Mistake): Description {
  const { said } = mistake
  const [left = '', sign = '', right = ''] = said.replace(/^no such overload: /, '').split(' ')
  if (right === '') {
    return { message: `\`${left[0]}\` cannot stand before ${typeName(left.slice(1))}` }
  }
  const message = `\`${sign}\` does not go with ${typeName(left)} and ${typeName(right)}`
  return { message, hint: operatorHint(mistake, left, sign, right) }
}

function operatorHint({ word }: Mistake, left: string, sign: string, right: string): string | null {
  if (sign === 'in') return memberHint(word, left, right)
  if (/^list</.test(left) && !/^list</.test(right))
    return 'whether a list has something: `"a" in list`'
  const types = [left, right]
  const written = types.flatMap((type) => LITERALS.get(type) ?? [])[0]
  const isQuoted = types.includes('string') && (types.includes('double') || types.includes('int'))
  return written ?? (isQuoted ? 'a number has no quotes' : null)
}

function memberHint(word: string, left: string, right: string): string | null {
  if (word.startsWith('source.ip ')) return 'declare a network and test `"name" in source.networks`'
  if (right === 'string') return 'part of a text is found by `contains`'
  return left === 'double' ? 'write the numbers with a point: `[1.0, 2.0]`' : null
}

const LITERALS: ReadonlyMap<string, string> = new Map([
  ['google.protobuf.Duration', 'write a duration as `duration("5m")`'],
  ['google.protobuf.Timestamp', 'write a time as `timestamp("2026-12-24T12:00:00Z")`'],
])

/** `found no matching overload for 'string.startWith(string)'`. */
export function noSuchFunction({ said, word, found }: Mistake): Description {
  const [, of, name = '', types = ''] = /'(?:(.*)\.)?(\w+)\((.*)\)'$/.exec(said) ?? []
  const at = found.start + Math.max(0, word.search(new RegExp(`\\b${name}\\s*\\(`)))
  const place = { start: at, end: at + name.length }
  if (!FUNCTIONS.includes(name)) {
    const close = nearest(name, FUNCTIONS)
    const hint = close ? `did you mean \`${close}\`?` : `known: ${FUNCTIONS.join(', ')}`
    return { ...place, code: 'unknown-name', message: `unknown function \`${name}\``, hint }
  }
  const taken = types === '' ? 'nothing' : types.split(', ').map(typeName).join(' and ')
  const message = `\`${name}\` does not take ${taken}${of ? ` on ${typeName(of)}` : ''}`
  const isSearch = name === 'contains' && /^list\b/.test(of ?? '')
  return {
    ...place,
    message,
    hint: isSearch ? 'whether a list has something: `"a" in list`' : null,
  }
}

const FUNCTIONS = [
  ...[
    'has',
    'size',
    'startsWith',
    'endsWith',
    'contains',
    'matches',
    'all',
    'exists',
    'exists_one',
  ],
  ...[
    'filter',
    'map',
    'at_least',
    'rate',
    'total',
    'bucket',
    'duration',
    'timestamp',
    'int',
    'double',
  ],
  ...['string', 'bool', 'lowerAscii', 'upperAscii', 'trim', 'indexOf', 'lastIndexOf', 'substring'],
  ...['split', 'join'],
]

/** The type that CEL's words end with. */
export function typeIn(said: string): string {
  return typeName(/got '(.*)'$/.exec(said)?.[1] ?? 'something else')
}

/** A type as `inputs` names it. */
export function typeName(type: string): string {
  const name = type.replace(/google\.protobuf\.(\w+)/, (_, of: string) => of.toLowerCase())
  return name.replace(/\bdouble\b/, 'number')
}
