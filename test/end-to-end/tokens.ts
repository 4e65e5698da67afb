import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { calculateJwkThumbprint, importJWK, type JWK, SignJWT } from 'jose'

/** A private P-256 key as JWK. */
export function createSigningKey(): JsonWebKey {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
}

/** What may differ from a good token: claims by name (undefined leaves one out) and the type in the header. */
export type TokenChanges = {
  readonly claims?: Readonly<Record<string, unknown>>
  readonly typ?: string
}

/** An access token as the provider would issue it for Ada, but for the changes; signed with the key, under its own id. */
export async function signToken(
  key: JsonWebKey,
  issuer: string,
  { claims = {}, typ = 'at+jwt' }: TokenChanges = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const payload = {
    iss: issuer,
    aud: 'https://licensing.example.com',
    sub: 'ada',
    client_id: 'licensing-portal',
    jti: 'test',
    iat: now,
    exp: now + 300,
    auth_time: now,
    acr: 'urn:example:acr:password',
    amr: ['pwd'],
    roles: ['license-manager'],
    ...claims,
  }
  const kid = await calculateJwkThumbprint(key as JWK)
  const header = { alg: 'ES256', typ, kid }
  return await new SignJWT(payload)
    .setProtectedHeader(header)
    .sign(await importJWK(key as JWK, 'ES256'))
}

/** The same claims without a signature (RFC 7519 §6). */
export function unsigned(token: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url')
  return `${header}.${token.split('.')[1]}.`
}
