import type { Environment } from '@marcbachmann/cel-js/evaluator'
import type { CountersRoot } from './counters-root.ts'
import { MAX_LIST } from './inputs.ts'
import { createLinearMatches } from './linear-matches.ts'
import { Unavailable } from './unavailable.ts'

/** Functions of CEL whose cost has no bound, and the names of ours in their place: they cannot be overridden. */
export const BOUNDED: ReadonlyMap<string, string> = new Map([
  ['matches', 'matchesLinear'],
  ['split', 'splitShort'],
])

/** Registers the functions of the policy language, and those that stand in for CEL's own. */
export function registerFunctions(cel: Environment): void {
  cel.registerFunction('bucket(string): int', bucket)
  registerCounters(cel)
  cel.registerFunction(`string.${BOUNDED.get('matches')}(string): bool`, createLinearMatches())
  registerShortSplit(cel)
  registerMixedArithmetic(cel)
}

/**
 * `rate("name")` and `total("name")` as an author writes them get the counters of the request as a second operand when
 * an expression is compiled: a function of CEL sees nothing but its operands.
 */
function registerCounters(cel: Environment): void {
  cel.registerFunction('rate(string, Counters): int', (name: string, counters: CountersRoot) =>
    BigInt(Math.ceil(counters.read(name))),
  )
  cel.registerFunction('total(string, Counters): double', (name: string, counters: CountersRoot) =>
    counters.read(name),
  )
}

/** A stable number from 0 to 99 for a text (FNV-1a, 32 bits), to try a rule on a share of the subjects. */
function bucket(text: string): bigint {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return BigInt(hash % 100)
}

function registerShortSplit(cel: Environment): void {
  cel.registerFunction(
    `string.${BOUNDED.get('split')}(string): list<string>`,
    (text: string, separator: string) => {
      const parts = text.split(separator, MAX_LIST + 1)
      if (parts.length > MAX_LIST) throw new Unavailable('split')
      return parts
    },
  )
}

/** JSON's numbers are doubles and an author writes `2`: without these, `seats * 2` would be a type error. */
function registerMixedArithmetic(cel: Environment): void {
  const operators: Record<string, (a: number, b: number) => number> = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => a / b,
  }
  for (const [sign, apply] of Object.entries(operators)) {
    cel.registerOperator(`double ${sign} int: double`, (a: number, b: bigint) =>
      apply(a, Number(b)),
    )
    cel.registerOperator(`int ${sign} double: double`, (a: bigint, b: number) =>
      apply(Number(a), b),
    )
  }
  cel.registerOperator('double == int', (a: number, b: bigint) => a === Number(b))
}
