import assert from 'node:assert/strict'
import { join } from 'node:path'
import { it } from 'node:test'
import { folder, stepgate } from './support.ts'

const root = folder({
  'policy.yaml': `version: 1
assurance: [{ level: mfa, acr: { idp: [mfa] } }]
counters: { revocations: { per: subject.id, window: 10m } }
rules:
  - { id: all, when: subject.authenticated, effect: allow }
  - { id: ask, when: 'rate("revocations") > 20', effect: step_up, require: { level: mfa } }
`,
  'policy.test.yaml': `tests:
  - { name: its name, subject: {}, counters: { revocations: 21 }, expect: { step_up: { level: mfa } } }
  - { name: no name, subject: {}, counters: { revocatons: 1 }, expect: { step_up: { level: mfa } } }
`,
})

it('a test that gives a value to no counter fails, though an unavailable one would do as it expects', async () => {
  const { code, out } = await stepgate('test', join(root, 'policy.yaml'))
  assert.equal(code, 1)
  assert.ok(out.includes('there is no counter `revocatons`; did you mean `revocations`?'), out)
  assert.ok(out.includes('1 test passed, 1 failed'), out)
})
