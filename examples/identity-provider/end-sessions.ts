import { createPublicKey, type JsonWebKey, randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, SignJWT } from 'jose'

/** Who wants to know what happens to sessions: where to post it, and who that is in a SET. */
export type Receiver = { readonly url: string; readonly audience: string }

/** Whose key signs what the provider says, and as whom. */
export type Transmitter = { readonly issuer: string; readonly signingKey: JsonWebKey }

const SESSION_REVOKED = 'https://schemas.openid.net/secevent/caep/event-type/session-revoked'

/**
 * Tells a receiver that all sessions of a user have ended: CAEP session-revoked in a SET (RFC 8417), by push (RFC 8935).
 * Rejects unless the receiver has taken it.
 */
export async function tellSessionsEnded(
  { issuer, signingKey }: Transmitter,
  user: string,
  { url, audience }: Receiver,
): Promise<void> {
  const { kty, crv, x, y } = createPublicKey({ key: signingKey, format: 'jwk' }).export({
    format: 'jwk',
  })
  const set = await new SignJWT({
    sub_id: { format: 'iss_sub', iss: issuer, sub: user },
    events: { [SESSION_REVOKED]: { event_timestamp: Math.floor(Date.now() / 1000) } },
  })
    .setProtectedHeader({
      alg: 'ES256',
      typ: 'secevent+jwt',
      kid: await calculateJwkThumbprint({ kty, crv, x, y } as Parameters<
        typeof calculateJwkThumbprint
      >[0]),
    })
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt()
    .setJti(randomUUID())
    .sign(signingKey)
  const headers = { 'content-type': 'application/secevent+jwt' }
  const response = await fetch(url, { method: 'POST', headers, body: set })
  if (response.status === 202) return
  throw new Error(`${url} did not take the event: ${response.status} ${await response.text()}`)
}
