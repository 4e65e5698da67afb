import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { withSecrets } from '../demo/settings-copy.ts'
import { formatIssues } from '../src/domain/issue.ts'
import { openDeviceFile } from '../src/facts/device-file.ts'
import { openLocation } from '../src/facts/location.ts'
import { ROOT_FIELDS } from '../src/policy/expression/environment.ts'
import { loadPolicy } from '../src/policy/load.ts'
import { readRegularFile } from '../src/runtime/read-regular-file.ts'
import { readTests } from '../src/scenario/read-tests.ts'
import { runTests } from '../src/scenario/run-tests.ts'
import { readSecrets } from '../src/settings/read-secrets.ts'
import { readSettings } from '../src/settings/read-settings.ts'

const SETTINGS = readFileSync('config/stepgate.yaml', 'utf8')
const POLICY = readFileSync('config/policy.yaml', 'utf8')

describe('the settings of the sample', () => {
  it('start without any variable', () => {
    assert.equal(readSecrets(settingsOf(SETTINGS), {}, readFileSync).kind, 'secrets')
  })

  it('of the demo take their secrets from it', () => {
    const settings = settingsOf(withSecrets(SETTINGS))
    assert.equal(readSecrets(settings, {}, readFileSync).kind, 'issues')
    const keys = { DEVICE_KEY: 'x'.repeat(32), FINGERPRINT_KEY: 'y'.repeat(32) }
    assert.equal(readSecrets(settings, keys, readFileSync).kind, 'secrets')
  })

  it('name data that can be read', async () => {
    const { data, device } = settingsOf(SETTINGS)
    const onFailed = ({ problem }: { problem: string }) => assert.fail(problem)
    const told = { onLoaded: () => {}, onFailed }
    const location = await openLocation({
      files: data.location,
      maxAge: null,
      now: Date.now,
      ...told,
    })
    assert.deepEqual(location.find('192.0.2.10').country, { value: 'DE' })
    await location.stop()
    assert.ok(device.trusted && 'file' in device.trusted)
    const { file } = device.trusted
    const list = await openDeviceFile({ file, readFile: readRegularFile, ...told })
    assert.deepEqual(list.find('laptop-ada'), { trusted: true, reputation: 90 })
    await list.stop()
  })
})

/** What the service knows of a manager at work, without the secrets that a cookie and a fingerprint take. */
const OUT_OF_THE_BOX = `
defaults:
  now: 2026-11-23T10:00:00+01:00
  source: { ip: 10.1.2.3, country: "", asn: 0 }
  device: { id: "", known: false, trusted: false, reputation: 0 }
  subject: { issuer: idp, id: ada, roles: [license-manager], roles_added: [license-manager] }
  session: { level: mfa, auth_age: 3m, age: 3m }
  counters: { seats_moved: 50, costly_changes: 1, revocations: 1, refusals: 0 }
tests:
  - name: daily work takes no prompt
    request: { method: POST, path: /v1/licenses/L-1/renew }
    session: { level: password }
    expect: { allow: true, risk: { score: 35, level: null } }
  - name: a change of a tier takes the second factor that it takes anyway
    request: { method: PUT, path: /v1/licenses/L-1/tier, body: { seats: 50 } }
    subject: {}
    expect: allow
  - name: at home, at an address that no file places, a passkey
    source: { ip: 203.0.113.250 }
    request: { method: POST, path: /v1/licenses/L-1/renew }
    subject: {}
    expect: { step_up: { level: phishing-resistant, max_age: 2m }, risk: { score: 65, level: high } }
  - name: and at night no less, but no refusal
    now: 2026-11-23T23:00:00+01:00
    source: { ip: 203.0.113.250 }
    request: { method: POST, path: /v1/licenses/L-1/renew }
    subject: {}
    expect: { step_up: { level: phishing-resistant, max_age: 2m }, risk: { score: 85, level: high } }
`

/** The store is down: nothing is remembered, and nothing counted. */
const WITHOUT_STORE = `
defaults:
  now: 2026-11-23T10:00:00+01:00
  source: { ip: 10.1.2.3, country: "", asn: 0 }
  device: { id: laptop-ada, trusted: true, reputation: 90 }
  subject: { issuer: idp, id: ada, roles: [license-manager] }
  session: { level: mfa, auth_age: 3m }
tests:
  - name: reading goes on
    request: { method: GET, path: /v1/licenses }
    subject: {}
    expect: allow
  - name: daily work takes a second factor
    request: { method: POST, path: /v1/licenses/L-1/renew }
    subject: {}
    session: { level: password }
    expect: { step_up: { level: mfa, max_age: 1h }, risk: { score: 50, level: elevated } }
  - name: a costly change takes a passkey
    request: { method: PUT, path: /v1/licenses/L-1/tier, body: { seats: 50 } }
    subject: {}
    expect: { step_up: { level: phishing-resistant, max_age: 5m } }
  - name: a revocation has to wait
    request: { method: DELETE, path: /v1/licenses/L-1 }
    subject: {}
    session: { single_use: true }
    expect: { fault: source-unavailable }
`

describe('the policy of the sample', () => {
  const { policy, issues } = loadPolicy([{ file: 'config/policy.yaml', text: POLICY }], {
    issuers: ['idp'],
    revision: 'sample',
  })

  it('has no mistakes', () => assert.equal(formatIssues(issues), ''))

  it('uses every fact that has to be looked up', () => {
    const fields = (['device', 'travel'] as const).flatMap((root) =>
      Object.keys(ROOT_FIELDS[root]).map((field) => `${root}.${field}`),
    )
    const others = [
      'source.networks',
      'source.country',
      'source.asn',
      'session.age',
      'rate(',
      'total(',
    ]
    const reported = ['session.revoked', 'subject.disabled']
    const names = [
      ...fields,
      ...others,
      ...reported,
      'session.fingerprint_changed',
      'subject.roles_added',
    ]
    assert.deepEqual(
      names.filter((name) => !POLICY.includes(name)),
      [],
    )
  })

  for (const [state, text] of Object.entries({ OUT_OF_THE_BOX, WITHOUT_STORE })) {
    const read = readTests({ file: state, text })
    assert.ok(read.ok, state)
    assert.ok(policy)
    for (const result of runTests(policy, read.value.tests)) {
      it(`${state.replaceAll('_', ' ').toLowerCase()}: ${result.name}`, () =>
        assert.deepEqual(result.kind === 'decided' ? result.differences : result.message, []))
    }
  }
})

function settingsOf(text: string) {
  const result = readSettings({}, () => Buffer.from(text))
  assert.ok(result.kind === 'settings', result.kind === 'issues' ? formatIssues(result.issues) : '')
  return result.settings
}
