import fc from 'fast-check'
import { TOKEN_PROBLEMS, type TokenProblem } from '../../src/domain/identity.ts'
import type { Challenged } from '../../src/envoy/challenge.ts'
import { explain } from '../../src/envoy/explanation.ts'
import { BAD_TOKEN, LACKS_SCOPE, NO_TOKEN, STEP_UP } from './samples.ts'
import { hostile } from './write-support.ts'

/** RFC 6750 §3: what may stand in a description, and in one scope or acr. */
const QUOTABLE = /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/
const ITEM = /^[\x21\x23-\x5b\x5d-\x7e]+$/

const ascii = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at))
const allowed = ascii.filter((char) => ITEM.test(char))
const plain = fc.string({ unit: fc.constantFrom(...allowed), minLength: 1 })
const item = fc.oneof(
  { weight: 6, arbitrary: plain },
  { weight: 1, arbitrary: fc.constantFrom(',', '=', 'a=b', 'Basic', 'error=', 'x'.repeat(1500)) },
  { weight: 1, arbitrary: hostile },
)
const items = fc.array(item, { maxLength: 4 })
const seconds = fc.oneof(
  { weight: 6, arbitrary: fc.oneof(fc.nat(), fc.constant(null), fc.double({ min: 0, max: 1e6 })) },
  { weight: 1, arbitrary: fc.double() },
)

/** All subsets of the ways in which a login falls short are among these. */
export const shortfalls = fc.subarray([
  'missing',
  'too-weak',
  'too-old',
  'not-single-use',
  'wrong-method',
  'scope',
] as const)

/** Any problem of a token. */
export const problems = fc.constantFrom(...(Object.keys(TOKEN_PROBLEMS) as TokenProblem[]))

/** Realms, most of which can be quoted. */
export const realms = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(null, 'licensing', 'a, Basic realm=b') },
  { weight: 2, arbitrary: fc.string({ unit: fc.constantFrom(...ascii), minLength: 1 }) },
  { weight: 1, arbitrary: hostile },
)

/** Lists of names that an author could write for `acr` or `scope`, most of them right. */
export const names = fc.uniqueArray(
  fc.oneof({ weight: 9, arbitrary: plain }, { weight: 1, arbitrary: hostile }),
  { minLength: 1, maxLength: 4 },
)

/** Decisions that a client is challenged with, with anything in their texts. */
export const challenged: fc.Arbitrary<Challenged> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(NO_TOKEN) },
  { weight: 1, arbitrary: problems.map((problem) => ({ ...BAD_TOKEN, problem })) },
  {
    weight: 2,
    arbitrary: items.map((scope) => ({
      ...LACKS_SCOPE,
      requirement: { ...LACKS_SCOPE.requirement, scope },
      challenge: { acrValues: [], maxAge: null, scope },
    })),
  },
  {
    weight: 6,
    arbitrary: fc
      .record({ acrValues: items, maxAge: seconds, scope: items, shortfalls })
      .map(({ shortfalls: short, ...challenge }) => {
        const requirement = { ...STEP_UP.requirement, scope: challenge.scope }
        return { ...STEP_UP, requirement, shortfalls: short, challenge }
      }),
  },
)

/** What the challenge should say, worked out another way than the writer's; null when it cannot be said. */
export function meaning(decision: Challenged, realm: string | null): Record<string, string> | null {
  const parts = [part('realm', realm, QUOTABLE), ...errorParts(decision), ...askedParts(decision)]
  if (parts.some(([, value]) => value === null)) return null
  const present = parts.filter((one): one is [string, string] => typeof one[1] === 'string')
  const length = present.reduce((sum, [name, value]) => sum + name.length + value.length + 5, 5)
  return length > 4096 ? null : Object.fromEntries(present)
}

/** A value that is undefined is left out; null cannot be said. */
type Part = [name: string, value: string | null | undefined]

function errorParts(decision: Challenged): Part[] {
  if (decision.reason === 'unauthenticated') return []
  return [
    ['error', decision.reason],
    ['error_description', explain(decision).detail],
  ]
}

function askedParts(decision: Challenged): Part[] {
  if (decision.outcome !== 'step_up') return []
  const { acrValues, maxAge, scope } = decision.challenge
  const scopes = list('scope', scope)
  if (decision.reason === 'insufficient_scope') return [scopes]
  const age = maxAge === null ? null : String(Math.floor(maxAge))
  return [list('acr_values', acrValues), part('max_age', age, /^\d{1,16}$/), scopes]
}

function list(name: string, values: readonly string[]): Part {
  if (values.length === 0) return [name, undefined]
  return [name, values.every((value) => ITEM.test(value)) ? values.join(' ') : null]
}

function part(name: string, value: string | null, form: RegExp): Part {
  if (value === null) return [name, undefined]
  return [name, form.test(value) ? value : null]
}
