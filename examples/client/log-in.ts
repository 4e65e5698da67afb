import * as oidc from 'openid-client'
import { authorizationParameters, type LoginWish } from './step-up.ts'

/** How your application logs people in. */
export type Application = {
  readonly redirectUri: string
  /** What it always asks for; with `openid`. */
  readonly scopes: readonly string[]
  /**
   * How the provider is told which API the access token is for: `{ resource }` (RFC 8707), or `{ audience }` for Auth0. Okta
   * and Entra know it by a scope, so `{}`: Entra refuses `resource`.
   */
  readonly target: Readonly<Record<string, string>>
}

/** A login that has begun: where the user goes, and what to keep until they come back, as plain data. */
export type StartedLogin = { readonly start: URL; readonly kept: KeptLogin }

/** What proves that the answer belongs to the question; for nobody but the browser that the login began in. */
export type KeptLogin = {
  readonly pkceCodeVerifier: string
  readonly expectedState: string
}

/** Begins a login by authorization code and PKCE (RFC 6749 §4.1, RFC 7636) that asks for what a challenge wishes. */
export async function beginLogin(
  config: oidc.Configuration,
  { redirectUri, scopes, target }: Application,
  wish: LoginWish = {},
): Promise<StartedLogin> {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
  const expectedState = oidc.randomState()
  const start = oidc.buildAuthorizationUrl(config, {
    ...target,
    ...authorizationParameters(wish, scopes),
    redirect_uri: redirectUri,
    state: expectedState,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  })
  return { start, kept: { pkceCodeVerifier, expectedState } }
}

/**
 * Ends it with the address that the provider sent the browser to; the access token. Whether the login is recent enough is
 * for the API to judge, by a clock that is right: by this one, a minute fast, no login would ever be made for one request.
 */
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
