import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Configuration, customFetch } from 'openid-client'
import { beginLogin, finishLogin, type KeptLogin } from '../../examples/client/log-in.ts'

const ISSUER = 'https://idp.example.com'
const CALLBACK = 'https://portal.example.com/callback'
const APPLICATION = {
  redirectUri: CALLBACK,
  scopes: ['openid'],
  target: { resource: 'https://api.example' },
}

/** The end of a login, with a provider that says what it is told to. */
describe('a login', () => {
  test('ends in a token, and begins with PKCE', async () => {
    const { start, end } = await begun()
    assert.equal(start.searchParams.get('code_challenge_method'), 'S256')
    assert.equal(start.searchParams.get('resource'), 'https://api.example')
    assert.equal(await end({}), 'a token')
  })

  test('made for one request ends in a token, though the clock here is a minute fast', async () => {
    const { start, end } = await begun({ maxAge: 0 })
    assert.equal(start.searchParams.get('max_age'), '0')
    assert.equal(await end({}, { auth_time: seconds() - 60 }), 'a token')
  })

  const refused: [string, Record<string, string>, object?][] = [
    ['the answer to another login', { state: 'another' }],
    ['the answer of another provider', { iss: 'https://evil.example' }],
    ['an answer that does not say of which provider', { iss: '' }],
    ['a login that was broken off', { error: 'access_denied' }],
    ['a login that would have needed a page', { error: 'login_required' }],
    ['an ID token for another client', {}, { aud: 'another' }],
    ['an ID token of another provider', {}, { iss: 'https://evil.example' }],
    ['an ID token that has ended', {}, { exp: seconds() - 3600 }],
  ]
  for (const [name, answer, claims = {}] of refused) {
    test(`${name}: no token`, async () => {
      const { end } = await begun()
      await assert.rejects(end(answer, claims))
    })
  }

  test('ends with what was kept as text, where the whole page was sent away', async () => {
    const { end } = await begun({ acrValues: 'mfa', maxAge: 300 }, (kept) =>
      JSON.parse(JSON.stringify(kept)),
    )
    assert.equal(await end({}, { auth_time: seconds() }), 'a token')
  })
})

async function begun(wish = {}, keep = (kept: KeptLogin): KeptLogin => kept) {
  let claims: object = {}
  const config = new Configuration(
    {
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/auth`,
      token_endpoint: `${ISSUER}/token`,
      authorization_response_iss_parameter_supported: true,
    },
    'portal',
  )
  config[customFetch] = async () =>
    Response.json({ access_token: 'a token', token_type: 'Bearer', id_token: idToken(claims) })
  const { start, kept } = await beginLogin(config, APPLICATION, wish)
  async function end(answer: Record<string, string>, said: object = {}): Promise<string> {
    claims = said
    const state = start.searchParams.get('state') ?? ''
    const code: Record<string, string> = 'error' in answer ? {} : { code: 'a code' }
    const query = new URLSearchParams({ ...code, state, iss: ISSUER, ...answer })
    if (answer.iss === '') query.delete('iss')
    return await finishLogin(config, keep(kept), new URL(`${CALLBACK}?${query}`))
  }
  return { start, end }
}

/** One that came straight from the provider over TLS: nobody looks at its signature (OIDC Core §3.1.3.7). */
function idToken(claims: object): string {
  const usual = { iss: ISSUER, aud: 'portal', sub: 'ada', iat: seconds(), exp: seconds() + 60 }
  return [{ alg: 'RS256' }, { ...usual, ...claims }, 'signature']
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
}

function seconds(): number {
  return Math.floor(Date.now() / 1000)
}
