import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Identity, TokenProblem } from '../../src/domain/identity.ts'
import type { Issuer } from '../../src/identity/issuer.ts'
import type { KeySet } from '../../src/identity/key-set.ts'
import { CLAIMS, ISSUER, request, token } from './tokens.ts'
import { shared, world } from './world.ts'

/** What a credential comes to: why it is refused, `anonymous`, or what its subject and login hold among other things. */
export type Expected = TokenProblem | 'anonymous' | Readonly<Record<string, unknown>>

/** One credential, and who should accept it where that is not the ordinary issuer with its ordinary keys. */
export type TokenCase = readonly [
  name: string,
  token: string,
  expected: Expected,
  other?: { readonly issuer?: Partial<Issuer>; readonly keys?: KeySet },
]

/** What every token with the ordinary claims yields. */
export const ADA: Expected = { id: 'ada', issuer: 'idp', workload: false, proof: 'acr' }

/** One test a token, sent as an ordinary bearer token. */
export function tokenTable(title: string, cases: readonly TokenCase[]): void {
  suite(title, () => {
    for (const [name, bearer, expected, other] of cases) {
      test(`${name}: ${outcomeOf(expected)}`, async () => {
        const { identify } = other ? special(other) : shared
        compare(await identify(request(`Bearer ${bearer}`)), expected)
      })
    }
  })
}

/** Holds an identity against what was expected of it. */
export function compare(identity: Identity, expected: Expected): void {
  if (typeof expected === 'string') {
    assert.equal(identity.kind === 'rejected' ? identity.problem : identity.kind, expected)
    return
  }
  assert.ok(identity.kind === 'authenticated', JSON.stringify(identity))
  const seen: Readonly<Record<string, unknown>> = { ...identity.subject, ...identity.login }
  for (const [name, value] of Object.entries(expected)) assert.deepEqual(seen[name], value, name)
}

/** A well-signed token with these claims changed; undefined leaves one out. */
export function claiming(more: Readonly<Record<string, unknown>>): string {
  return token({ ...CLAIMS, ...more })
}

/** A well-signed token whose claims hold this JSON text, so that what `JSON.stringify` cannot write can be claimed. */
export function claimingText(members: string): string {
  return token(`${JSON.stringify(CLAIMS).slice(0, -1)},${members}}`)
}

function special({ issuer, keys }: NonNullable<TokenCase[3]>) {
  return world({ issuers: [{ ...ISSUER, ...issuer }], ...(keys && { keys }) })
}

function outcomeOf(expected: Expected): string {
  return typeof expected === 'string' ? expected : 'authenticated'
}
