import { type Fetch, fetchJson } from './fetch-json.ts'
import { isBounded, isObject, type JsonObject } from './token-form.ts'

/** What an issuer says of a token: the claims of one that is good, null for one that is not, or never was. */
export type Introspected = { readonly claims: JsonObject | null }

/** As whom we ask: a client of the issuer's with its secret (RFC 6749 §2.3.1). */
export type IntrospectionClient = { readonly id: string; readonly secret: string }

const MAX_BYTES = 64 * 1024

/**
 * Asks an issuer about one of its tokens (RFC 7662 §2). Throws an `Error` fit to be shown to an operator for any answer
 * that does not clearly say whether the token is active.
 */
export async function introspect(
  fetch: Fetch,
  endpoint: string,
  client: IntrospectionClient,
  token: string,
  signal: AbortSignal,
): Promise<Introspected> {
  const answer = await fetchJson(fetch, endpoint, signal, {
    method: 'POST',
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      authorization: basic(client),
    },
    body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
    maxBytes: MAX_BYTES,
  })
  if (!isObject(answer) || typeof answer.active !== 'boolean') {
    throw new Error(`${endpoint} did not say whether the token is active`)
  }
  if (!answer.active) return { claims: null }
  if (!isBounded(answer)) throw new Error(`${endpoint} answered with too many values`)
  return { claims: answer }
}

/** Both halves are form-encoded first, so that neither can have a colon. */
function basic({ id, secret }: IntrospectionClient): string {
  return `Basic ${Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`).toString('base64')}`
}

function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1)
}
