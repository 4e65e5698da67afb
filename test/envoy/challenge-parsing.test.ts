import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { decide } from '../../src/decision/decide.ts'
import { DEFAULT_TOLERANCE } from '../../src/domain/assurance.ts'
import type { Decision } from '../../src/domain/decision.ts'
import type { Identity } from '../../src/domain/identity.ts'
import { explain } from '../../src/envoy/explanation.ts'
import { writeCheckResponse } from '../../src/envoy/write.ts'
import { loadPolicy } from '../../src/policy/load.ts'
import { request } from '../identity/tokens.ts'
import { type ParsedChallenge, parseChallenges } from '../support/challenge-parser.ts'
import { clientChallenges } from '../support/client-challenges.ts'
import { challenged, meaning, names, problems, realms, shortfalls } from './challenged.ts'
import { BAD_TOKEN, STEP_UP } from './samples.ts'
import { UUID } from './support.ts'
import { hostile } from './write-support.ts'

test('both parsers read back exactly what was meant, or the answer is a fault', async () => {
  const seen = { read: 0, fault: 0 }
  await fc.assert(
    fc.asyncProperty(challenged, realms, async (decision, realmName) => {
      const meant = meaning(decision, realmName)
      const header = headerOf(decision, realmName)
      assert.equal(header === null, meant === null)
      seen[header === null ? 'fault' : 'read']++
      if (header === null || meant === null) return
      const expected: ParsedChallenge[] = [{ scheme: 'bearer', parameters: meant }]
      assert.deepEqual(parseChallenges(header), expected)
      assert.deepEqual(await clientChallenges(header, 401), expected)
    }),
    { numRuns: 600 },
  )
  assert.ok(seen.read > 100 && seen.fault > 100, JSON.stringify(seen))
})

test('so they do for whatever a policy, a realm and a token can say', async () => {
  const seen = { refused: 0, read: 0 }
  await fc.assert(
    fc.asyncProperty(names, names, hostile, realms, async (acr, scope, claim, realmName) => {
      const policy = policyWith(acr, scope)
      if (policy === null) return void seen.refused++
      const input = { request: request(), identity: caller(claim), now: 0, stage: () => undefined }
      const proposal = decide(policy, input)
      const decision = proposal.settlement ? proposal.conclude('challenged') : proposal.decision
      assert.ok(decision.outcome === 'step_up')
      const header = headerOf(decision, realmName)
      if (header === null) return
      seen.read++
      const read = parseChallenges(header)
      assert.deepEqual(read[0]?.parameters, {
        ...(realmName === null ? {} : { realm: realmName }),
        error: 'insufficient_user_authentication',
        error_description: explain(decision).detail,
        acr_values: acr.join(' '),
        max_age: '300',
        scope: scope.toSorted().join(' '),
      })
      assert.deepEqual(await clientChallenges(header, 401), read)
    }),
    { numRuns: 300 },
  )
  assert.ok(seen.refused > 30 && seen.read > 30, JSON.stringify(seen))
})

test('what is written keeps to what the parsers of clients were seen to read', () => {
  const order = ['realm', 'error', 'error_description', 'acr_values', 'max_age', 'scope']
  fc.assert(
    fc.property(challenged, realms, (decision, realm) => {
      const header = headerOf(decision, realm)
      if (header === null) return
      // One challenge in one dialect, every value quoted, nothing escaped, a comma and a blank between.
      assert.match(header, /^Bearer(?: [a-z_]+="[^"\\]+"(?:, [a-z_]+="[^"\\]+")*)?$/)
      const written = Object.keys(parseChallenges(header)[0]?.parameters ?? {})
      assert.deepEqual(
        written,
        order.filter((name) => written.includes(name)),
      )
    }),
  )
})

test('every description is a plain sentence, which no parser trips over', () => {
  const plain = /^[A-Z][A-Za-z0-9 .'-]*[A-Za-z]$/
  fc.assert(
    fc.property(shortfalls, problems, (short, problem) => {
      assert.match(explain({ ...STEP_UP, shortfalls: short }).detail, plain)
      assert.match(explain({ ...BAD_TOKEN, problem }).detail, plain)
    }),
    { numRuns: 500 },
  )
})

test('the body says the same to clients that cannot read headers', () => {
  fc.assert(
    fc.property(challenged, (decision) => {
      const header = headerOf(decision, null)
      if (header === null || decision.outcome !== 'step_up') return
      const { required } = JSON.parse(refusal(decision, null).body)
      if (required === undefined) return assert.ok(header.length > 500, 'the body had room for it')
      const said = parseChallenges(header)[0]?.parameters ?? {}
      const { acr_values: acrs, max_age: age, scope } = required
      assert.equal(acrs?.join(' '), said.acr_values)
      assert.equal(age?.toString(), said.max_age)
      assert.equal(scope?.join(' '), said.scope)
    }),
    { numRuns: 500 },
  )
})

/** The policy that asks for these, or null when it is refused at load. */
function policyWith(acr: readonly string[], scope: readonly string[]) {
  const require = { level: 'mfa', scope, max_age: '5m' }
  const text = stringify({
    version: 1,
    assurance: [{ level: 'mfa', acr: { idp: acr } }],
    rules: [{ id: 'all', when: 'subject.authenticated', effect: 'allow', require }],
  })
  return loadPolicy([{ file: 'p.yaml', text }], { issuers: ['idp'], revision: 'r' }).policy ?? null
}

/** The header of the written answer; null when it is a fault, which is a refusal and carries none. */
function headerOf(decision: Decision, realm: string | null): string | null {
  const { outcome, headers } = refusal(decision, realm)
  for (const { header } of headers) assert.match(header.value, /^[\x20-\x7e]{1,4096}$/)
  const values = headers.filter(({ header }) => header.key === 'www-authenticate')
  assert.equal(values.length, outcome === 'fault' ? 0 : 1)
  return values[0]?.header.value ?? null
}

function refusal(decision: Decision, realm: string | null) {
  const about = { id: UUID, identity: null, headerNames: [], grpc: false }
  const written = writeCheckResponse({ decision, realm, ...about })
  assert.ok('deniedResponse' in written.response)
  return { outcome: written.decision.outcome, ...written.response.deniedResponse }
}

/** Somebody whose every claim is this text. */
function caller(text: string): Identity {
  return {
    kind: 'authenticated',
    subject: { issuer: 'idp', id: text, workload: false, claims: { text } },
    login: { acr: text, amr: [text], proof: 'acr', tolerance: DEFAULT_TOLERANCE },
  }
}
