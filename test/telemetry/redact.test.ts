import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { reportable, scrub } from '../../src/telemetry/redact.ts'
import { CANARY, memoryLog, TOKEN } from './fixtures.ts'

const JWE = `eyJhbGciOiJSU0EifQ.c2VjcmV0a2V5.aXZpdml2.${CANARY}-text.dGFn`

describe('what is logged', () => {
  const HIDDEN = [
    TOKEN,
    JWE,
    `/v1/licenses/${TOKEN}/tier`,
    `token=${TOKEN}&x=1`,
    `prefix_${TOKEN}`,
    `\n${TOKEN}\t${TOKEN}`,
    `"${TOKEN}"`,
    `\\n${TOKEN}`,
    `\u0001${TOKEN}`,
    `Bearer ${CANARY}-opaque-0123`,
    `authorization: basic ${CANARY}YWRhOnNlY3JldA==`,
    `DPoP ${CANARY}.abc~def/ghi`,
  ]
  for (const text of HIDDEN) {
    it(`does not show the token in ${JSON.stringify(text)}`, () => {
      assert.ok(!scrub(text).includes(CANARY))
      const { log, lines } = memoryLog()
      log.info({ event: 'test', text })
      log.info(text)
      assert.equal(lines().length, 2)
      assert.ok(!JSON.stringify(lines()).includes(CANARY))
    })
  }

  it('shows everything else as it is', () => {
    const plain = ['/v1/licenses/L-1', 'a.b.c', 'eyJ', 'the bearer of bad news', '{"a":"\\u0007"}']
    for (const text of plain) assert.equal(scrub(text), text)
  })

  it('masks what stands under a telling name', () => {
    const { log, text } = memoryLog()
    const secret = { authorization: CANARY, cookie: CANARY, headers: { x: CANARY }, token: CANARY }
    log.info(secret)
    assert.ok(!text().includes(CANARY))
  })

  it('keeps only what an error says of itself', () => {
    const { log, lines, text } = memoryLog()
    const error = Object.assign(new Error('connect failed'), { code: 'E1', request: { q: CANARY } })
    log.error({ event: 'test', err: error })
    assert.ok(!text().includes(CANARY))
    const { stack, ...shown } = Object(lines()[0]?.err)
    assert.deepEqual(shown, { type: 'Error', message: 'connect failed', code: 'E1' })
    assert.equal(stack, error.stack)
  })

  it('stays valid JSON whatever surrounds a token', () => {
    const piece = fc.oneof(
      fc.constantFrom(TOKEN, JWE, 'Bearer ', '\\', '"', '\n', '\u0000', '\u2028', 'eyJ', '.', '-'),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const line = scrub(JSON.stringify({ text: pieces.join('') }))
        assert.equal(typeof JSON.parse(line).text, 'string')
      }),
    )
  })

  it('costs no more than a moment for the longest and oddest text', () => {
    for (const unit of ['eyJ', 'eyJ.', 'a.eyJ', 'eyJaaaaaaaa-', 'bearer ', 'Bearer  ', '\\n']) {
      const text = unit.repeat(100_000 / unit.length)
      const start = process.cpuUsage()
      scrub(text)
      const { user, system } = process.cpuUsage(start)
      assert.ok(user + system < 500_000, unit)
    }
  })

  it('is of bounded length', () => {
    assert.equal(reportable('x'.repeat(5000)).length, 2049)
    assert.equal(reportable('/v1'), '/v1')
  })
})
