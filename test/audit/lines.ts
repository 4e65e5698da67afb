import assert from 'node:assert/strict'
import { createChain } from '../../src/audit/chain.ts'
import { createFormDecision, type DecisionContext } from '../../src/audit/decision-entry.ts'
import { DEFAULT_MASK, type Mask } from '../../src/audit/mask.ts'
import { createPseudonyms } from '../../src/audit/pseudonym.ts'
import type { DecisionRecord } from '../../src/domain/decision-record.ts'
import type { Trail } from '../../src/domain/trail.ts'
import { KEY } from './support.ts'

export const SPAN = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }
/** What the reporter of a made-up decision knows. */
export const CONTEXT: DecisionContext = { span: SPAN, latencyMs: 0.4126 }
/** How a made-up decision came about. */
export const TRAIL: Trail = {
  pathTemplate: '/v1/licenses/{license}/tier',
  params: { license: 'L-1' },
  device: 'device-7',
  considered: [
    {
      rule: 'big',
      match: true,
      condition: 'indeterminate',
      inputs: { 'request.body.seats': 600, 'subject.roles': ['a'], 'request.time': 'now', big: 7n },
    },
  ],
}
export const pseudonyms = createPseudonyms(KEY)

export type Fields = Record<string, never> & { readonly [name: string]: unknown }

/** The line of a decision, as its text and as an object. */
export function line(record: DecisionRecord, context = CONTEXT, mask: Mask = DEFAULT_MASK) {
  const form = createFormDecision(pseudonyms, mask)
  const text = createChain('c', 'i', null).add(form(record, context), 1_795_000_000_000)
  assert.match(text, /^[\x20-\x7e]+\n$/)
  return { text, fields: JSON.parse(text) as Fields }
}
