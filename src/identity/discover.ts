import { type Fetch, fetchJson, HttpError } from './fetch-json.ts'
import { type KeySet, readKeySet } from './key-set.ts'

/** Characters. */
const LONGEST_SHOWN = 200

/**
 * Fetches an issuer's current keys by way of its metadata: OpenID Connect Discovery §4 first,
 * then RFC 8414 §3 where the provider does not have the former. Throws an `Error` fit to be shown to an operator.
 */
export async function fetchKeys(
  fetch: Fetch,
  issuer: string,
  signal: AbortSignal,
): Promise<KeySet> {
  const metadata = await fetchMetadata(fetch, issuer, signal)
  const { uri, secure } = addressIn(metadata, issuer, 'jwks_uri')
  if (new URL(issuer).protocol === 'https:' && !secure) throw insecure(issuer, 'jwks_uri', uri)
  return fetchKeysAt(fetch, uri, signal)
}

/**
 * Finds where an issuer is asked about tokens (RFC 8414 §2). A secret of ours goes there: by https, or by http to the
 * host of an issuer that is itself on loopback. Throws as `fetchKeys` does.
 */
export async function fetchIntrospectionEndpoint(
  fetch: Fetch,
  issuer: string,
  signal: AbortSignal,
): Promise<string> {
  const metadata = await fetchMetadata(fetch, issuer, signal)
  const { uri, secure } = addressIn(metadata, issuer, 'introspection_endpoint')
  const { protocol, hostname } = new URL(issuer)
  const own = protocol === 'http:' && new URL(uri).hostname === hostname
  if (!secure && !own) throw insecure(issuer, 'introspection_endpoint', uri)
  return uri
}

/** Fetches the keys at an address. Throws as `fetchKeys` does. */
export async function fetchKeysAt(fetch: Fetch, uri: string, signal: AbortSignal): Promise<KeySet> {
  const body = await fetchJson(fetch, uri, signal)
  try {
    return await readKeySet(body)
  } catch (error) {
    throw new Error(`${uri}: ${error instanceof Error ? error.message : error}`, { cause: error })
  }
}

async function fetchMetadata(fetch: Fetch, issuer: string, signal: AbortSignal): Promise<unknown> {
  try {
    return await fetchJson(fetch, openidAddress(issuer), signal)
  } catch (error) {
    if (!(error instanceof HttpError) || error.status >= 500) throw error
    return fetchJson(fetch, oauthAddress(issuer), signal)
  }
}

/** The well-known part goes behind the issuer's path. */
function openidAddress(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
}

/** The well-known part goes between the host and the issuer's path. */
function oauthAddress(issuer: string): string {
  const { origin, pathname } = new URL(issuer)
  return `${origin}/.well-known/oauth-authorization-server${pathname.replace(/\/$/, '')}`
}

/** Metadata of another issuer would let that issuer speak for this one (RFC 8414 §3.3). */
function addressIn(
  metadata: unknown,
  issuer: string,
  member: 'jwks_uri' | 'introspection_endpoint',
): { readonly uri: string; readonly secure: boolean } {
  const { issuer: named, [member]: uri } = Object(metadata) as Record<string, unknown>
  if (named !== issuer) {
    throw new Error(`the metadata of ${issuer} is about the issuer ${shown(named)}`)
  }
  if (typeof uri !== 'string' || !URL.canParse(uri)) {
    throw new Error(`the metadata of ${issuer} has no valid \`${member}\``)
  }
  return { uri, secure: new URL(uri).protocol === 'https:' }
}

function insecure(issuer: string, member: string, uri: string): Error {
  return new Error(`the metadata of ${issuer} has a \`${member}\` without https: ${shown(uri)}`)
}

/** What a stranger wrote, at a length that a log line can bear. */
function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, LONGEST_SHOWN)) : typeof value
}
