import { decodeJwt, type JWTPayload } from 'jose'
import * as oidc from 'openid-client'
import { beginLogin, finishLogin } from '../../examples/client/log-in.ts'
import type { LoginWish } from '../../examples/client/step-up.ts'
import { PORTAL, RESOURCE, ROBOT } from '../../examples/identity-provider/clients.ts'
import { createKeycloakBrowser, type Secrets } from './browser.ts'

/** Somebody with one browser, in front of the portal. */
export type Person = {
  /** `openid-client` as the portal uses it. */
  readonly config: oidc.Configuration
  /** Logs in as the wish says, with further parameters of the authorization request; the access token. */
  readonly login: (wish?: LoginWish, further?: Parameters) => Promise<string>
  /** What Keycloak's pages asked for in the last login. */
  readonly asked: () => readonly string[]
  /** A new access token without a login. */
  readonly refresh: () => Promise<string>
}

type Tokens = { readonly refresh_token?: string }
type Parameters = Readonly<Record<string, string>>

const [CALLBACK] = PORTAL.redirect_uris
const APPLICATION = { redirectUri: CALLBACK, scopes: ['openid'], target: { resource: RESOURCE } }
const INSECURE = { execute: [oidc.allowInsecureRequests] }

/** The client of the realm that takes passwords at the token endpoint. */
const CLI = 'licensing-cli'

/** A person who has not logged in yet. */
export async function createPerson(issuer: string, secrets: Secrets): Promise<Person> {
  const { client_id } = PORTAL
  const config = await oidc.discovery(new URL(issuer), client_id, undefined, oidc.None(), INSECURE)
  const browser = createKeycloakBrowser(secrets, CALLBACK)
  let refreshToken = ''
  // The portal's login keeps only the access token; the refresh token is read off on its way.
  config[oidc.customFetch] = async (url, options) => {
    const response = await fetch(url, options as RequestInit)
    const { refresh_token = refreshToken } = (await response.clone().json()) as Tokens
    refreshToken = refresh_token
    return response
  }
  return {
    config,
    asked: browser.asked,
    async login(wish = {}, further = {}) {
      const { start, kept } = await beginLogin(config, APPLICATION, wish)
      for (const [name, value] of Object.entries(further)) start.searchParams.set(name, value)
      return await finishLogin(config, kept, await browser.visit(start))
    },
    refresh: async () => (await oidc.refreshTokenGrant(config, refreshToken)).access_token,
  }
}

/** A level as an essential claim (OpenID Connect Core §5.5.1.1): to be met, or refused. */
export function essential(acr: string): Parameters {
  return { claims: JSON.stringify({ id_token: { acr: { essential: true, values: [acr] } } }) }
}

/** An access token for a password at the token endpoint (RFC 6749 §4.3). */
export async function directGrant(issuer: string, secrets: Secrets): Promise<string> {
  const config = await oidc.discovery(new URL(issuer), CLI, undefined, oidc.None(), INSECURE)
  const { username, password } = secrets
  const parameters = { username, password, scope: 'openid' }
  return (await oidc.genericGrantRequest(config, 'password', parameters)).access_token
}

/** An access token of the robot (RFC 6749 §4.4). */
export async function robotToken(issuer: string): Promise<string> {
  const { client_id, client_secret } = ROBOT
  const secret = oidc.ClientSecretPost(client_secret)
  const config = await oidc.discovery(new URL(issuer), client_id, undefined, secret, INSECURE)
  return (await oidc.clientCredentialsGrant(config)).access_token
}

/** What an access token says of its login; clients must not look. */
export function loginIn(token: string): LoginEvidence {
  const { acr, amr, auth_time }: JWTPayload = decodeJwt(token)
  return { acr, amr, time: typeof auth_time === 'number' ? auth_time : null }
}

/** `time` in seconds, null when the token does not say it. */
export type LoginEvidence = {
  readonly acr: unknown
  readonly amr: unknown
  readonly time: number | null
}
