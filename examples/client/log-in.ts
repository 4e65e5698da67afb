import * as oidc from 'openid-client'
import { authorizationParameters, type LoginWish } from './step-up.ts'

/** How your application logs people in. */
export type Application = {
  readonly redirectUri: string
  /** What it always asks for; with `openid`. */
  readonly scopes: readonly string[]
  /** What the access token is for (RFC 8707). */
  readonly resource: string
  /** Shows the provider's pages to the user; the address that they end at, which begins with `redirectUri`. */
  readonly visit: (start: URL) => Promise<URL>
}

/** A login by authorization code and PKCE (RFC 6749 §4.1, RFC 7636) that asks for what a challenge wishes. */
export async function logIn(
  config: oidc.Configuration,
  { redirectUri, scopes, resource, visit }: Application,
  wish: LoginWish = {},
): Promise<string> {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
  const expectedState = oidc.randomState()
  const start = oidc.buildAuthorizationUrl(config, {
    ...authorizationParameters(wish, scopes),
    redirect_uri: redirectUri,
    resource,
    state: expectedState,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  })
  const tokens = await oidc.authorizationCodeGrant(config, await visit(start), {
    pkceCodeVerifier,
    expectedState,
    idTokenExpected: true,
    // The ID token must then say when the user logged in, and that must be recent enough.
    ...(wish.maxAge === undefined ? {} : { maxAge: wish.maxAge }),
  })
  return tokens.access_token
}
