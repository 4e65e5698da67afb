import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { folder, stepgate } from './support.ts'

const root = folder({
  'facts.yaml': `version: 1
counters: { reads: { per: subject.id, window: 1h } }
rules:
  - { id: known, when: device.known && travel.speed_kmh < 900.0 && rate("reads") < 10, effect: allow }
`,
  'looked-up.yaml': `subject: { id: ada }
device: { known: true }
travel: { speed_kmh: 5 }
counters: { reads: 3 }
`,
})

const decisionOn = async (policy: string, request: string) => {
  const argv = ['--policy', policy, '--request', request, '--format', 'json']
  const { out } = await stepgate('explain', ...argv)
  const { outcome, rule, indeterminate } = JSON.parse(out).decision
  return { outcome, rule, indeterminate }
}

describe('stepgate explain --request', () => {
  it('takes what was looked up from the file: device, journey, counters', async () => {
    assert.deepEqual(await decisionOn(join(root, 'facts.yaml'), join(root, 'looked-up.yaml')), {
      outcome: 'allow',
      rule: 'known',
      indeterminate: [],
    })
  })

  it('finds nothing missing in the example', async () => {
    const found = await decisionOn('config/policy.yaml', 'examples/tier-change.yaml')
    assert.deepEqual(found, { outcome: 'step_up', rule: 'change-tier', indeterminate: [] })
  })
})
