import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import {
  type AuthorReason,
  type Decision,
  NO_GROUNDS,
  RESERVED_REASONS,
} from '../../src/domain/decision.ts'
import type { Dialect } from '../../src/envoy/dialects.ts'
import { entryUrl } from '../../src/envoy/redirect.ts'
import { writeCheckResponse } from '../../src/envoy/write.ts'
import { MOMENT, NAVIGATION, SETTINGS } from '../envoy/dialect-support.ts'
import { accepted } from '../envoy/read-support.ts'
import { type Block, codeIn, fencedBlocks, placeOf, tableRows } from './markdown.ts'

const GUIDE = 'docs/clients.md'
const blocks = fencedBlocks(GUIDE)

const STEP_UP: Extract<Decision, { outcome: 'step_up' }> = {
  ...NO_GROUNDS,
  outcome: 'step_up',
  reason: 'insufficient_user_authentication',
  requirement: { level: 'mfa', rank: 2, maxAge: 28_800, amr: [], scope: [], singleUse: false },
  shortfalls: ['too-weak'],
  challenge: { acrValues: ['urn:example:acr:mfa'], maxAge: 28_800, scope: [] },
}
const UNAUTHENTICATED = { ...NO_GROUNDS, outcome: 'unauthenticated' } as const
const FAULT = { ...NO_GROUNDS, outcome: 'fault', reason: 'overloaded' } as const

/** The decisions that the guide shows, by the marks of their blocks. */
const SHOWN: Readonly<Record<string, Decision>> = {
  'step-up': STEP_UP,
  'no-token': { ...UNAUTHENTICATED, reason: 'unauthenticated', problem: null },
  'invalid-token': { ...UNAUTHENTICATED, reason: 'invalid_token', problem: 'expired' },
  scope: {
    ...STEP_UP,
    reason: 'insufficient_scope',
    challenge: { acrValues: [], maxAge: null, scope: ['billing'] },
  },
  later: FAULT,
  okta: STEP_UP,
  entra: { ...STEP_UP, challenge: { acrValues: ['c1'], maxAge: 28_800, scope: [] } },
}

/** Where the guide shows another dialect than the usual one. */
const { entra } = SETTINGS
const DIALECTS: Readonly<Record<string, Dialect>> = {
  okta: { name: 'okta' },
  entra: { name: 'entra', authorizationUri: entra.authorization_uri, capable: true },
}

describe('the guide for clients says what the code does', () => {
  for (const block of blocks.filter(({ language }) => language === 'http')) {
    it(`what is on the wire: ${block.mark}`, () => checkAnswer(block))
  }

  it('every kind of answer', () => {
    const shown = blocks.filter(({ language }) => language === 'http').map(({ mark }) => mark)
    assert.deepEqual(shown.toSorted(), Object.keys(SHOWN).toSorted())
  })

  it('the status of every reason', () => {
    const rows = tableRows(GUIDE, '`reason` in the body')
    const reasons = rows.flatMap(([cell, status]) =>
      codeIn(cell).map((reason) => [reason, status] as const),
    )
    for (const [reason, status] of reasons) {
      assert.equal(String(answer(decisionFor(reason)).status.code), status, reason)
    }
    const named = reasons.map(([reason]) => reason)
    const outcomes = RESERVED_REASONS.filter((reason) => !SHORTFALLS.includes(reason))
    assert.deepEqual(named.toSorted(), outcomes.toSorted())
  })

  for (const block of blocks.filter(({ language }) => language === 'ts')) {
    it(`TypeScript on line ${block.line} is that of the example`, () => {
      const file = join(import.meta.dirname, '../../examples/client', block.mark)
      assert.ok(readFileSync(file, 'utf8').includes(block.text), placeOf(block))
    })
  }

  it('every parameter of the step-up page', () => {
    const named = tableRows(GUIDE, 'parameter').flatMap(([cell]) => codeIn(cell))
    const wish = { acr_values: 'mfa', max_age: '300', scope: 'billing' }
    const url = SETTINGS.redirect && entryUrl(SETTINGS.redirect, accepted(NAVIGATION), wish, MOMENT)
    assert.deepEqual(named, [...new URL(url ?? '').searchParams.keys()])
  })

  it('shows TypeScript of every file', () => {
    const files = blocks.filter(({ language }) => language === 'ts').map(({ mark }) => mark)
    assert.deepEqual([...new Set(files)].toSorted(), [
      'log-in.ts',
      'refusal.ts',
      'step-up-grpc.ts',
      'step-up-page.ts',
      'step-up.ts',
    ])
  })
})

/** Reasons of a shortfall, which stand in logs and never in an answer. */
const SHORTFALLS = ['missing', 'too-weak', 'too-old', 'not-single-use', 'wrong-method', 'scope']

/** Whatever is shown is sent; the guide may leave parts out. */
function checkAnswer({ text, mark }: Block): void {
  const sent = answer(SHOWN[mark] ?? assert.fail(mark), DIALECTS[mark])
  const [head = '', body] = text.trimEnd().split('\n\n')
  const [start, ...lines] = head.split('\n')
  assert.equal(start, `HTTP/1.1 ${sent.status.code}`)
  const headers = sent.headers.map(({ header: { key, value } }) => `${key}: ${value}`)
  assert.ok(lines.length > 0)
  assert.deepEqual(
    lines.filter((line) => !headers.includes(line)),
    [],
  )
  if (body !== undefined) assert.deepEqual(JSON.parse(body), JSON.parse(sent.body))
}

function answer(decision: Decision, dialect?: Dialect) {
  const id = '0f5c8a1e-3f0b-4c1e-9a52-6d7c1b2a3e4f'
  const plain = { id, identity: null, headerNames: [], grpc: false, realm: 'licensing' }
  const { response } = writeCheckResponse({ ...plain, decision, dialect })
  return 'deniedResponse' in response ? response.deniedResponse : assert.fail('it is no refusal')
}

function decisionFor(reason: string): Decision {
  const shown = Object.values(SHOWN).find((one) => 'reason' in one && one.reason === reason)
  if (shown !== undefined) return shown
  if (FAULTS.includes(reason)) return { ...FAULT, reason: reason as typeof FAULT.reason }
  return { ...NO_GROUNDS, outcome: 'deny', reason: reason as AuthorReason }
}

const FAULTS = [
  'evaluation-failed',
  'source-unavailable',
  'audit-unavailable',
  'overloaded',
  'not-ready',
]
