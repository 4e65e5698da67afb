import * as oidc from 'openid-client'
import { authorizationParameters, type LoginWish } from './step-up.ts'

/** How your application logs people in. */
export type Application = {
  readonly redirectUri: string
  /** What it always asks for; with `openid`. */
  readonly scopes: readonly string[]
  /** What the access token is for (RFC 8707). */
  readonly resource: string
}

/** A login that has begun: where the user goes, and what to keep until they come back, as plain data. */
export type StartedLogin = { readonly start: URL; readonly kept: KeptLogin }

/** What proves that the answer belongs to the question; for nobody but the browser that the login began in. */
export type KeptLogin = {
  readonly pkceCodeVerifier: string
  readonly expectedState: string
  /** The ID token must then say when the user logged in, and that must be recent enough. */
  readonly maxAge?: number
}

/** Begins a login by authorization code and PKCE (RFC 6749 §4.1, RFC 7636) that asks for what a challenge wishes. */
export async function beginLogin(
  config: oidc.Configuration,
  { redirectUri, scopes, resource }: Application,
  wish: LoginWish = {},
): Promise<StartedLogin> {
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
  const age = wish.maxAge === undefined ? {} : { maxAge: wish.maxAge }
  return { start, kept: { pkceCodeVerifier, expectedState, ...age } }
}

/** Ends it with the address that the provider sent the browser to; the access token. */
export async function finishLogin(
  config: oidc.Configuration,
  kept: KeptLogin,
  end: URL,
): Promise<string> {
  const checks = { ...kept, idTokenExpected: true }
  const tokens = await oidc.authorizationCodeGrant(config, end, checks)
  return tokens.access_token
}

/** Both, where your program goes on running meanwhile; `visit` shows the provider's pages and gives the last address. */
export async function logIn(
  config: oidc.Configuration,
  application: Application & { readonly visit: (start: URL) => Promise<URL> },
  wish: LoginWish = {},
): Promise<string> {
  const { start, kept } = await beginLogin(config, application, wish)
  return await finishLogin(config, kept, await application.visit(start))
}
