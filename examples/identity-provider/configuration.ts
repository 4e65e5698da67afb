import { type JsonWebKey, randomBytes } from 'node:crypto'
import { type Context, errors, type Grant, interactionPolicy } from 'oidc-provider'
import { createMemoryAdapter } from 'oidc-provider/lib/adapters/memory_adapter.js'
import { PORTAL, RESOURCE, ROBOT, ROBOT_ROLES } from './clients.ts'
import { LEVELS, satisfies } from './levels.ts'
import { findUser } from './users.ts'

const HOUR = 3600
/** Of the access tokens for the resource; which of them a token carries is what the client asks for. */
const SCOPES = 'licenses billing'
const ALGORITHM = 'ES256'

/** What may differ from one provider to the next. */
export type ProviderSettings = {
  /** A private P-256 JWK to sign tokens with. */
  readonly signingKey: JsonWebKey
  /** More addresses at which the portal's logins may end; pages of their origins may ask for tokens. */
  readonly redirectUris: readonly string[]
  /** False for one that passes over `acr_values` wherever there is a session, as some do. */
  readonly stepsUp: boolean
}

/** What `oidc-provider` needs to be a provider that can step up. */
export function createConfiguration(settings: ProviderSettings): Readonly<Record<string, unknown>> {
  const { signingKey, redirectUris, stepsUp } = settings
  const portal = { ...PORTAL, redirect_uris: [...PORTAL.redirect_uris, ...redirectUris] }
  const origins = redirectUris.map((uri) => new URL(uri).origin)
  return {
    adapter: createMemoryAdapter(),
    acrValues: LEVELS.map((level) => level.acr),
    claims: { openid: ['sub', 'acr', 'amr', 'auth_time'] },
    clients: [portal, ROBOT],
    clientBasedCORS: (_context: Context, origin: string) => origins.includes(origin),
    clientDefaults: { id_token_signed_response_alg: ALGORITHM },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    extraTokenClaims,
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: resourceIndicators(),
    },
    findAccount,
    interactions: { policy: stepsUp ? interactionPolicyWithLevels() : interactionPolicy.base() },
    jwks: { keys: [{ ...signingKey, use: 'sig', alg: ALGORITHM }] },
    loadExistingGrant: grantEverything,
    renderError,
    ttl: {
      AccessToken: HOUR,
      ClientCredentials: HOUR,
      Grant: HOUR,
      IdToken: HOUR,
      Interaction: HOUR,
      Session: 12 * HOUR,
    },
  }
}

/**
 * Left alone, the provider lets a session pass whatever voluntary `acr_values` asks for, and the weaker `acr` comes back:
 * a step-up would never happen. This check asks for the login.
 */
function interactionPolicyWithLevels() {
  const policy = interactionPolicy.base()
  policy
    .get('login')
    .checks.add(
      new interactionPolicy.Check(
        'acr_values',
        'the session does not prove the requested level',
        ({ oidc }) => !satisfies(oidc.acr, oidc.params.acr_values),
      ),
    )
  return policy
}

function resourceIndicators() {
  return {
    enabled: true,
    defaultResource: () => RESOURCE,
    useGrantedResource: () => true,
    getResourceServerInfo(_context: Context, resource: string) {
      if (resource !== RESOURCE) throw new errors.InvalidTarget()
      return {
        audience: RESOURCE,
        scope: SCOPES,
        accessTokenFormat: 'jwt',
        accessTokenTTL: HOUR,
        jwt: { sign: { alg: ALGORITHM } },
      }
    },
  }
}

/** The login behind an access token (RFC 9470 §6.1) and the roles of whoever it is for. */
function extraTokenClaims({ oidc }: Context, token: { readonly accountId?: string }) {
  const code = oidc.entities.AuthorizationCode
  if (code === undefined || token.accountId === undefined) return { roles: ROBOT_ROLES }
  const { acr, amr, authTime } = code
  return { acr, amr, auth_time: authTime, roles: findUser(token.accountId)?.roles }
}

function findAccount(_context: Context, id: string) {
  if (findUser(id) === undefined) return undefined
  return { accountId: id, claims: () => ({ sub: id }) }
}

/** The portal belongs to the same house, so nobody is asked for consent. */
async function grantEverything({ oidc }: Context): Promise<Grant> {
  const { accountId } = oidc.session
  const grant = new oidc.provider.Grant({ accountId, clientId: oidc.client.clientId })
  grant.addOIDCScope('openid')
  grant.addResourceScope(RESOURCE, SCOPES)
  await grant.save()
  return grant
}

function renderError(context: Context, out: Readonly<Record<string, string>>) {
  context.body = Object.entries(out)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('')
}
