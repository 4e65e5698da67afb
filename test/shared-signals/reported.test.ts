import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMasker, DEFAULT_MASK } from '../../src/audit/mask.ts'
import { createPseudonyms } from '../../src/audit/pseudonym.ts'
import { createFormSecurityEvent } from '../../src/audit/security-event-entry.ts'
import type { SecurityEvent } from '../../src/domain/security-event.ts'
import { createEvents } from '../../src/telemetry/events.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import type { ReceivedEvent } from '../../src/telemetry/signal-events.ts'
import { KEY } from '../audit/support.ts'
import { parseExposition, valueIn } from '../telemetry/exposition.ts'
import { memoryLog } from '../telemetry/fixtures.ts'
import { NOW_MS, ofAda } from './effects.ts'

const RECEIVED: ReceivedEvent = {
  stream: 'okta',
  type: 'session-revoked',
  result: 'applied',
  id: 'set-1',
  issuer: 'idp',
  state: null,
  reason: null,
}
const REJECTED = { ...RECEIVED, type: 'none', result: 'rejected', id: null, issuer: null }

function reporting() {
  const { log, lines } = memoryLog()
  const metrics = createMetrics({ process: false })
  const clock = { now: 0 }
  const events = createEvents({ log, metrics, happened: () => {}, now: () => clock.now })
  const count = async (labels: Record<string, string>) =>
    valueIn(
      parseExposition((await metrics.exposition()).body),
      'stepgate_security_events_total',
      labels,
    )
  const told = () => lines().map(({ time, level, ...line }) => line)
  return { events, clock, count, lines, told }
}

describe('what is told of SETs', () => {
  it('each that was received is logged, without its subject', async () => {
    const { events, count, told } = reporting()
    events.securityEvent(RECEIVED)
    events.securityEvent(RECEIVED)
    const line = { event: 'security-event', stream: 'okta', type: 'session-revoked' }
    const one = { ...line, result: 'applied', jti: 'set-1', issuer: 'idp', state: null }
    assert.deepEqual(told(), [one, one])
    const labels = { stream: 'okta', type: 'session-revoked', result: 'applied' }
    assert.equal(await count(labels), 2)
  })

  it('what is not is counted always, and logged once a minute for each stream', async () => {
    const { events, clock, count, lines } = reporting()
    const fail = (stream: string) => events.securityEvent({ ...REJECTED, stream, reason: 'forged' })
    for (let time = 0; time < 3; time++) fail('okta')
    fail('partner')
    clock.now += 60_000
    fail('okta')
    assert.deepEqual(
      lines().map(({ level, event, stream, reason }) => [level, event, stream, reason]),
      ['okta', 'partner', 'okta'].map((stream) => ['warn', 'signals-failed', stream, 'forged']),
    )
    assert.equal(await count({ stream: 'okta', type: 'none', result: 'rejected' }), 4)
  })

  it('nothing that a transmitter wrote is longer than can be read, or could be a token', () => {
    const { events, lines } = reporting()
    const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl'
    events.securityEvent({ ...RECEIVED, id: 'x'.repeat(5000), state: token })
    const [line] = lines()
    assert.ok(String(line?.jti).length < 2100)
    assert.equal(line?.state, '[redacted]')
  })

  it('says where it listens, and that others could read along', () => {
    const { events, told } = reporting()
    events.signalsListening('0.0.0.0:9192')
    events.signalsOpen('0.0.0.0:9192')
    assert.deepEqual(told(), [
      { event: 'signals-listening', address: '0.0.0.0:9192' },
      { event: 'signals-open', address: '0.0.0.0:9192', lacks: 'tls' },
    ])
  })
})

describe('what the audit record says of an event', () => {
  const pseudonyms = createPseudonyms(KEY)
  const form = createFormSecurityEvent(pseudonyms, DEFAULT_MASK)
  const entry = (event: SecurityEvent, mask = form) => {
    const { fields } = mask({ stream: 'okta', type: 't', id: 'set-1', event })
    return JSON.parse(`{${fields.slice(1)}}`) as Record<string, unknown>
  }
  const all = ofAda(NOW_MS)
  const show = createMasker(pseudonyms)
  const hashed = (field: string, value: string) => JSON.parse(show(field, 'hash', value))

  const OF_ADA = { subject: pseudonyms.of('subject', 'idp', 'ada'), issuer: 'idp', device: null }
  const OF_DEVICE = { subject: null, issuer: null, device: hashed('device', 'd-1') }
  const EFFECTS: readonly (readonly [keyof typeof all, object])[] = [
    ['revoked', { ...OF_ADA, session: null, effect: 'revoked' }],
    ['ofSession', { ...OF_ADA, session: hashed('session', 's-1'), effect: 'revoked' }],
    [
      'ended',
      {
        ...OF_DEVICE,
        issuer: 'idp',
        device: null,
        session: hashed('session', 's-1'),
        effect: 'revoked',
      },
    ],
    ['disabled', { ...OF_ADA, session: null, effect: 'disabled' }],
    ['enabled', { ...OF_ADA, session: null, effect: 'enabled' }],
    ['compliant', { ...OF_DEVICE, session: null, effect: 'compliant' }],
    ['notCompliant', { ...OF_DEVICE, session: null, effect: 'not-compliant' }],
  ]
  for (const [name, about] of EFFECTS) {
    it(`${name}: about whom decisions name alike, and shows nobody`, () => {
      const at = new Date(NOW_MS).toISOString()
      assert.deepEqual(entry(all[name]), { stream: 'okta', type: 't', jti: 'set-1', ...about, at })
    })
  }

  it('drops the subject where the settings want it', () => {
    const dropping = createFormSecurityEvent(pseudonyms, { ...DEFAULT_MASK, subject: 'drop' })
    assert.equal(entry(all.disabled, dropping).subject, 'dropped')
    assert.equal(entry(all.ended, dropping).subject, null)
  })
})
