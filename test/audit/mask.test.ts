import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, it } from 'node:test'
import { DEFAULT_MASK } from '../../src/audit/mask.ts'
import { createPseudonyms, readPseudonymKey } from '../../src/audit/pseudonym.ts'
import { recordOf } from '../telemetry/fixtures.ts'
import { CONTEXT, line, pseudonyms, TRAIL } from './lines.ts'
import { KEY } from './support.ts'

describe('masking', () => {
  it('hides the parameters of the path, and the path behind its template', () => {
    const { fields } = line(recordOf('allow'), { ...CONTEXT, trail: TRAIL })
    assert.equal(fields.path, null)
    assert.equal(fields.path_template, '/v1/licenses/{license}/tier')
    assert.deepEqual(fields.params, { license: pseudonyms.of('params.license', 'L-1') })
    assert.equal(fields.device, pseudonyms.of('device', 'device-7'))
  })

  it('treats what conditions have read by name', () => {
    const inputs = {
      '*': 'drop',
      'request.body.seats': 'keep',
      big: 'keep',
      'subject.roles': 'hash',
    } as const
    const { fields } = line(
      recordOf('deny'),
      { ...CONTEXT, trail: TRAIL },
      { ...DEFAULT_MASK, inputs },
    )
    assert.deepEqual(fields.considered, [
      {
        rule: 'big',
        match: true,
        condition: 'indeterminate',
        inputs: {
          'request.body.seats': 600,
          'subject.roles': pseudonyms.of('inputs.subject.roles', '["a"]'),
          'request.time': 'dropped',
          big: 7,
        },
      },
    ])
  })

  for (const [ip, network] of [
    ['192.0.2.7', '192.0.2.0/24'],
    ['2001:db8:1:2::7', '2001:db8:1::/48'],
    ['2001:db8::7', '2001:db8:0::/48'],
    ['::1', '0:0:0::/48'],
    ['1::2:3:4:5:6:7', '1:0:2::/48'],
    ['fe80:1:2:3:4:5:6:7', 'fe80:1:2::/48'],
    ['fe80::1%eth0', 'dropped'],
    ['unknown', 'dropped'],
  ] as const) {
    it(`shows ${network} of ${ip}`, () => {
      const { request, ...record } = recordOf('allow')
      assert.ok(request !== null)
      const asked = { ...request, source: { ip, principal: '' } }
      assert.equal(line({ ...record, request: asked }).fields.client_ip, network)
    })
  }

  for (const [rule, shown] of [
    ['keep', { path: '/v1/licenses/L-1/tier', host: 'licensing.example.com' }],
    ['drop', { path: 'dropped', host: 'dropped' }],
    ['truncate', { path: '/v1/licenses/...', host: 'licensin...' }],
    [
      'hash',
      {
        path: pseudonyms.of('path', '/v1/licenses/L-1/tier'),
        host: pseudonyms.of('host', 'licensing.example.com'),
      },
    ],
  ] as const) {
    it(`can ${rule}`, () => {
      const { fields } = line(recordOf('allow'), CONTEXT, {
        ...DEFAULT_MASK,
        path: rule,
        host: rule,
      })
      assert.deepEqual({ path: fields.path, host: fields.host }, shown)
    })
  }

  it('drops even the hash of a subject where that is asked for', () => {
    const { fields } = line(recordOf('allow'), CONTEXT, { ...DEFAULT_MASK, subject: 'drop' })
    assert.equal(fields.subject, 'dropped')
  })
})

describe('pseudonyms', () => {
  it('are an HMAC-SHA-256 that anyone with the key can compute', () => {
    const expected = createHmac('sha256', KEY).update('subject\x003:idp3:ada').digest('base64url')
    assert.equal(
      pseudonyms.of('subject', 'idp', 'ada'),
      `${pseudonyms.keyId}:${expected.slice(0, 22)}`,
    )
  })

  it('differ by key, by field and by where one part ends', () => {
    const other = createPseudonyms(Buffer.alloc(32, 'o'))
    const all = [
      pseudonyms.of('a', 'x', 'yz'),
      pseudonyms.of('a', 'xy', 'z'),
      pseudonyms.of('b', 'x', 'yz'),
      other.of('a', 'x', 'yz'),
    ]
    assert.equal(new Set(all).size, 4)
    assert.notEqual(other.keyId, pseudonyms.keyId)
  })

  it('need a key that nobody can guess', () => {
    assert.throws(() => createPseudonyms(Buffer.alloc(31)), /31 bytes and needs 32: make one by/)
    assert.throws(
      () => readPseudonymKey('hunter2'),
      /^TypeError: the pseudonym key is not hexadecimal: make/,
    )
    assert.deepEqual(readPseudonymKey(` ${KEY.toString('hex')}\n`), KEY)
  })
})
