import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { ACCEPTED, NO_ANSWER, REFUSED } from './introspection-table.ts'
import {
  answer,
  CLIENT,
  introspectionWorld,
  json,
  OPAQUE,
  type World,
} from './introspection-world.ts'
import { CLAIMS, NOW, part, token } from './tokens.ts'

suite('an opaque token of which its issuer says', () => {
  for (const [name, reply] of ACCEPTED) {
    test(`${name}: authenticated, and remembered`, async () => {
      await using w = await introspectionWorld()
      w.state.reply = reply
      assert.deepEqual(await twice(w), ['authenticated', 'authenticated'])
      assert.deepEqual(w.results, ['ok', 'cached'])
      assert.equal(w.questions.length, 1)
    })
  }

  for (const [name, reply, expected] of REFUSED) {
    test(`${name}: ${expected}, and remembered`, async () => {
      await using w = await introspectionWorld()
      w.state.reply = reply
      assert.deepEqual(await twice(w), [expected, expected])
      assert.deepEqual(w.results, [expected, expected])
      assert.equal(w.questions.length, 1)
    })
  }

  for (const [name, reply] of NO_ANSWER) {
    test(`${name}: unavailable, and asked again`, async () => {
      await using w = await introspectionWorld()
      w.state.reply = reply
      assert.deepEqual(await twice(w), ['unavailable', 'unavailable'])
      assert.deepEqual(w.results, ['unavailable', 'unavailable'])
      const paths = w.questions.map(({ path }) => path)
      assert.deepEqual(paths, ['/introspect', '/introspect'], 'no redirect is followed')
      assert.equal(w.failures.length, 2)
      assert.doesNotMatch(w.failures.join(), /canary|b3BhcXVl/)
    })
  }

  test('it has expired within the leeway: authenticated, and asked again', async () => {
    await using w = await introspectionWorld()
    w.state.reply = json(answer({ exp: NOW - 3 }))
    assert.deepEqual(await twice(w), ['authenticated', 'authenticated'])
    assert.deepEqual(w.results, ['ok', 'ok'])
  })

  test('who it is, by the claims that a JWT would have', async () => {
    await using w = await introspectionWorld()
    const login = {
      acr: 'urn:example:acr:mfa',
      amr: ['pwd', 'otp'],
      auth_time: NOW - 9,
      sid: 's-1',
    }
    const more = {
      roles: ['manager'],
      scope: 'licenses billing',
      client_id: 'portal',
      username: 'x',
    }
    w.state.reply = json(answer({ ...login, ...more }))
    const identity = await w.identify(`Bearer ${OPAQUE}`)
    assert.ok(identity.kind === 'authenticated')
    const { claims, ...subject } = identity.subject
    assert.deepEqual(subject, {
      issuer: 'idp',
      id: 'ada',
      workload: false,
      clientId: 'portal',
      roles: ['manager'],
      scopes: ['licenses', 'billing'],
    })
    const { acr, amr, authTime, sessionId } = identity.login
    assert.deepEqual(
      [acr, amr, authTime, sessionId],
      [login.acr, login.amr, login.auth_time, 's-1'],
    )
    assert.equal(claims.username, 'x')
  })

  test('that it belongs to a client by itself: a workload', async () => {
    await using w = await introspectionWorld()
    w.state.reply = json(answer({ sub: 'robot', client_id: 'robot' }))
    const identity = await w.identify(`Bearer ${OPAQUE}`)
    assert.ok(identity.kind === 'authenticated' && identity.subject.workload)
  })
})

suite('the question', () => {
  test('is what RFC 7662 asks for, with the client’s secret as RFC 6749 encodes it', async () => {
    await using w = await introspectionWorld()
    assert.equal(await w.outcome('a+b/c=='), 'authenticated')
    const [question] = w.questions
    assert.ok(question)
    assert.equal(question.method, 'POST')
    assert.deepEqual(
      [...question.body],
      [
        ['token', 'a+b/c=='],
        ['token_type_hint', 'access_token'],
      ],
    )
    const [scheme, encoded = ''] = String(question.headers.authorization).split(' ')
    const halves = Buffer.from(encoded, 'base64').toString().split(':')
    const decoded = halves.map((half) => new URLSearchParams(`x=${half}`).get('x'))
    assert.deepEqual([scheme, ...decoded], ['Basic', CLIENT.id, CLIENT.secret])
  })

  const NOT_ASKED: readonly (readonly [string, string, string])[] = [
    ['a JWT of the issuer', token(), 'authenticated'],
    [
      'a JWT of another issuer',
      token({ ...CLAIMS, iss: 'https://x.example.com' }),
      'unknown-issuer',
    ],
    ['a JWT without a signature', `${token().split('.').slice(0, 2).join('.')}.`, 'bad-signature'],
    ['a JWT with a letter too many', `${token()}A`, 'bad-signature'],
    [
      'a JWT with a blank in front of its header',
      `${part(' {"alg":"ES256"}')}.e30.AA`,
      'unknown-issuer',
    ],
    ['an encrypted JWT', `${part({ alg: 'dir', enc: 'A256GCM' })}..AA.AA.AA`, 'malformed'],
  ]
  for (const [name, bearer, expected] of NOT_ASKED) {
    test(`is not asked about ${name}: ${expected}`, async () => {
      await using w = await introspectionWorld()
      assert.equal(await w.outcome(bearer), expected)
      assert.deepEqual(w.questions, [])
    })
  }

  for (const bearer of [
    'x',
    'a.b',
    'v4.local.AAAA',
    'a.b.c.d',
    'gho_16C7e42F292c6912E7710c838347Ae178B4a',
  ])
    test(`is asked about ${bearer}`, async () => {
      await using w = await introspectionWorld()
      assert.equal(await w.outcome(bearer), 'authenticated')
      assert.equal(w.questions.length, 1)
    })

  test('is not asked about a token too large, or in two headers', async () => {
    await using w = await introspectionWorld()
    assert.equal(await w.outcome('x'.repeat(8193)), 'too-large')
    assert.equal(await w.outcome('x,Bearer y'), 'several-credentials')
    assert.deepEqual(w.questions, [])
  })
})

async function twice(w: World): Promise<string[]> {
  return [await w.outcome(), await w.outcome()]
}
