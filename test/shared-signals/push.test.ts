import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Asked, AUTHORIZATION, GOOD, post, SECEVENT, start } from './push-world.ts'
import { CAEP, RISC, STREAM, setOf } from './sets.ts'

const OF_ANOTHER = setOf(`${CAEP}session-revoked`, {}, { aud: 'https://other.example.com' })

type Case = readonly [name: string, asked: Asked, status: number, err: string | null]

const { authorization: _, ...ANONYMOUS } = SECEVENT
const typed = (type: string) => ({ ...SECEVENT, 'content-type': type })

/** What is asked, and what is answered; `err` is of the body, and null is none. */
const ANSWERS: readonly Case[] = [
  ['a SET', {}, 202, null],
  [
    'a SET with parameters of the type',
    { headers: typed('Application/SecEvent+JWT; charset=utf-8') },
    202,
    null,
  ],
  ['a SET and a line feed', { body: `${GOOD}\r\n` }, 202, null],
  [
    'about somebody unknown',
    { body: setOf(`${RISC}account-disabled`, {}, { sub_id: null }) },
    202,
    null,
  ],
  ['a SET for another audience', { body: OF_ANOTHER }, 400, 'invalid_audience'],
  ['no SET', { body: '{}' }, 400, 'invalid_request'],
  ['nothing', { body: '' }, 400, 'invalid_request'],
  ['binary', { body: '\u0000\ud83d' }, 400, 'invalid_request'],
  ['another type', { headers: typed('application/jwt') }, 400, 'invalid_request'],
  ['JSON', { headers: typed('application/json') }, 400, 'invalid_request'],
  ['nearly the type', { headers: typed('application/secevent+jwts') }, 400, 'invalid_request'],
  ['no type', { headers: { authorization: AUTHORIZATION } }, 400, 'invalid_request'],
  ['no authorization', { headers: ANONYMOUS }, 401, 'authentication_failed'],
  [
    'another authorization',
    { headers: { ...SECEVENT, authorization: `${AUTHORIZATION}s` } },
    401,
    'authentication_failed',
  ],
  [
    'the secret in another scheme',
    { headers: { ...SECEVENT, authorization: AUTHORIZATION.toLowerCase() } },
    401,
    'authentication_failed',
  ],
  ['another path', { path: '/other' }, 404, null],
  ['the path of a prototype', { path: '/__proto__' }, 404, null],
  ['a longer path', { path: '/okta/' }, 404, null],
  ['a query', { path: '/okta?x=1' }, 404, null],
  ['GET', { method: 'GET', body: '' }, 405, null],
  ['PUT', { method: 'PUT' }, 405, null],
  ['too much', { body: 'x'.repeat(40_000) }, 413, 'invalid_request'],
]

describe('push', () => {
  for (const [name, asked, status, err] of ANSWERS) {
    it(`answers ${name} with ${status}`, async (t) => {
      const { address, world, refusals } = await start(t)
      const { text, headers, ...answer } = await post(address, asked)
      assert.equal(answer.status, status)
      assert.equal(errorIn(text), err)
      assert.equal(headers['content-type'], err === null ? undefined : 'application/json')
      assert.equal(headers['cache-control'], 'no-store')
      assert.equal(headers.allow, status === 405 ? 'POST' : undefined)
      assert.equal(headers['www-authenticate'] !== undefined, status === 401)
      const applied = world.reports.filter(({ result }) => result === 'applied')
      assert.deepEqual(world.changes.length, applied.length)
      assert.equal(applied.length > 0, status === 202 && !name.endsWith('unknown'))
      assert.equal(world.reports.length + refusals.length, status === 404 ? 0 : 1)
    })
  }

  it('asks nobody who they are where the settings do not', async (t) => {
    const streams = [{ stream: STREAM, path: '/okta', authorization: null }]
    const { address } = await start(t, { streams })
    assert.equal((await post(address, { headers: ANONYMOUS })).status, 202)
  })

  it('tells one stream from the other by its path, and each by its own secret', async (t) => {
    const other = { ...STREAM, name: 'other' }
    const received: string[] = []
    const { address } = await start(t, {
      streams: [
        { stream: STREAM, path: '/okta', authorization: AUTHORIZATION },
        { stream: other, path: '/other', authorization: 'Bearer another-secret' },
      ],
      receive: async ({ name }) => {
        received.push(name)
        return { kind: 'accepted' }
      },
    })
    assert.equal((await post(address, { path: '/other' })).status, 401)
    const headers = { ...SECEVENT, authorization: 'Bearer another-secret' }
    assert.equal((await post(address, { path: '/other', headers })).status, 202)
    assert.equal((await post(address)).status, 202)
    assert.deepEqual(received, ['other', 'okta'])
  })

  it('keeps what went wrong here to itself', async (t) => {
    const { address } = await start(t, { receive: () => Promise.reject(new Error('secret')) })
    const { status, headers, text } = await post(address)
    assert.deepEqual([status, headers['retry-after'], text], [503, '5', ''])
  })

  it('asks to try again what could not be kept', async (t) => {
    const { address } = await start(t, { receive: async () => ({ kind: 'retry' }) })
    const { status, headers, text } = await post(address)
    assert.deepEqual([status, headers['retry-after'], text], [503, '5', ''])
  })
})

/** The code of RFC 8935 in a body, which is nothing but that and its description; null without a body. */
function errorIn(text: string): string | null {
  if (text === '') return null
  const { err, description, ...more } = JSON.parse(text)
  assert.match(description, /^[ -~]+$/)
  assert.deepEqual(more, {})
  return err
}
