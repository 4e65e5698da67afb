import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { INVALID_SPAN_CONTEXT } from '@opentelemetry/api'
import { stringify } from 'yaml'
import { canonicalPath } from '../../src/domain/canonical-path.ts'
import { NO_GROUNDS, RESERVED_REASONS } from '../../src/domain/decision.ts'
import { ROOT_FIELDS } from '../../src/policy/expression/environment.ts'
import { loadPolicy } from '../../src/policy/load.ts'
import { matchPath, parsePathTemplate, type Reading } from '../../src/policy/match/path-template.ts'
import { policySchema } from '../../src/policy/text/schema.ts'
import { policyTestSchema } from '../../src/scenario/scenario-schema.ts'
import { decisionLine } from '../../src/telemetry/decision-log.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { codeIn, readDocument, tableRows } from './markdown.ts'
import { readFrame } from './snippets.ts'

const REFERENCE = 'docs/policy-language.md'
const GLOSSARY = 'docs/glossary.md'

describe('the reference says what the code does', () => {
  it('which paths a template fits', () => {
    for (const [template, path, allow, tightens] of rowsOf(REFERENCE, 'template in `paths`')) {
      const [text = '', raw = ''] = [...codeIn(template), ...codeIn(path)]
      const said = { exact: allow === 'fits', loose: tightens === 'fits' }
      const got = { exact: fits(text, raw, 'exact'), loose: fits(text, raw, 'loose') }
      assert.deepEqual(got, said, `${text} ${raw}`)
    }
  })

  it('which paths are refused', () => {
    for (const path of rowsOf(REFERENCE, 'refused path').flatMap(([cell]) => codeIn(cell))) {
      assert.equal(canonicalPath(path).kind, 'ambiguous', path)
    }
  })

  it('which expressions are refused, and what to write instead', () => {
    for (const [refused, , instead] of rowsOf(REFERENCE, 'refused expression')) {
      for (const text of codeIn(refused)) assert.ok(!loads(text), text)
      for (const text of codeIn(instead)) assert.ok(loads(text), text)
    }
  })

  it('which expressions are traps, and what to write instead', () => {
    for (const [trap, , instead] of rowsOf(REFERENCE, 'trap')) {
      for (const text of [...codeIn(trap), ...codeIn(instead)]) assert.ok(loads(text), text)
    }
  })

  it('every name that expressions see, and no other', () => {
    const documented = rowsOf(REFERENCE, 'name').flatMap(([name]) => codeIn(name))
    const real = Object.entries(ROOT_FIELDS).flatMap(([root, fields]) =>
      Object.keys(fields).map((field) => `${root}.${field}`),
    )
    assert.deepEqual(documented.toSorted(), real.toSorted())
  })

  it('every key of a policy and of its tests', () => {
    const text = readDocument(REFERENCE)
    const keys = [...keysOf(policySchema), ...keysOf(policyTestSchema)]
    assert.deepEqual(
      [...new Set(keys)].filter((key) => !text.includes(`\`${key}\``)),
      [],
    )
  })
})

describe('the glossary has every word', () => {
  const text = readDocument(GLOSSARY)

  it('of the reasons', () => {
    const codes = tableRows(GLOSSARY, 'code').flatMap(([cell]) => codeIn(cell))
    assert.deepEqual(codes.toSorted(), RESERVED_REASONS.toSorted())
  })

  it('of the log line', () => {
    const decision = { ...NO_GROUNDS, outcome: 'deny', reason: 'no-rule' } as const
    const record = { id: '', decision, request: null, identity: null }
    const fields = tableRows(GLOSSARY, 'field').flatMap(([cell]) => codeIn(cell))
    const real = Object.keys(
      JSON.parse(`{${decisionLine(record, { span: INVALID_SPAN_CONTEXT, latencyMs: 0 })}}`),
    )
    assert.deepEqual(fields.toSorted(), real.toSorted())
  })

  it('of the metrics', async () => {
    const { body } = await createMetrics({ process: false }).exposition()
    const names = [...body.matchAll(/^# TYPE (\S+) (\S+)/gm)].map(([, name = '', type]) =>
      type === 'counter' && !name.endsWith('_total') ? `${name}_total` : name,
    )
    assert.ok(names.length > 0)
    assert.deepEqual(
      names.filter((name) => !text.includes(`\`${name}\``)),
      [],
    )
  })
})

function rowsOf(file: string, heading: string) {
  const rows = tableRows(file, heading)
  assert.ok(rows.length > 0, `${file} has no table \`${heading}\``)
  return rows
}

function fits(text: string, raw: string, reading: Reading): boolean {
  const [template, target] = [parsePathTemplate(text), canonicalPath(raw)]
  assert.ok(typeof template !== 'string', text)
  assert.ok(target.kind === 'path', raw)
  return matchPath(template, target.path, reading) !== null
}

/** In the frame, as the condition of a deny. */
function loads(when: string): boolean {
  const { policy: frame } = readFrame()
  const text = stringify({ ...frame, rules: [{ id: 'r', when, effect: 'deny' }] })
  return (
    loadPolicy([{ file: 'r.yaml', text }], { issuers: ['idp', 'okta'], revision: 'r' }).policy !==
    null
  )
}

/** Every key of every object in a schema; the keys of dictionaries are the author's. */
function keysOf(schema: unknown): readonly string[] {
  const { shape, element, valueType, options, unwrap } = schema as SchemaPart
  if (shape) return Object.entries(shape).flatMap(([key, value]) => [key, ...keysOf(value)])
  if (options) return options.flatMap(keysOf)
  if (element ?? valueType) return keysOf(element ?? valueType)
  return unwrap ? keysOf(unwrap.call(schema)) : []
}

type SchemaPart = {
  readonly shape?: Readonly<Record<string, unknown>>
  readonly element?: unknown
  readonly valueType?: unknown
  readonly options?: readonly unknown[]
  readonly unwrap?: () => unknown
}
