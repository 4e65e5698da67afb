import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

/** A provider that has metadata, one key, and signs whatever it is asked to. */
export type Issuer = {
  readonly url: string
  /** An access token for somebody who has just logged in with a second factor. */
  readonly sign: (subject: string) => Promise<string>
  readonly stop: () => Promise<void>
}

const KEY_ID = 'bench'

/** Starts one on a free loopback port. */
export async function startIssuer(): Promise<Issuer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const keys = [{ ...(await exportJWK(publicKey)), kid: KEY_ID, alg: 'ES256', use: 'sig' }]
  const server = createServer((request, response) => {
    const metadata = request.url === '/.well-known/openid-configuration'
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(metadata ? { issuer: url, jwks_uri: `${url}/keys` } : { keys }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const sign = (subject: string) =>
    new SignJWT(claimsOf(url, subject))
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: KEY_ID })
      .sign(privateKey)
  const stop = async () => {
    server.close()
    server.closeAllConnections()
  }
  return { url, sign, stop }
}

function claimsOf(iss: string, sub: string) {
  const now = Math.floor(Date.now() / 1000)
  return {
    ...{ iss, sub, aud: 'https://licensing.example.com', client_id: 'licensing-portal' },
    ...{ iat: now, exp: now + 3600, auth_time: now, sid: `session-of-${sub}` },
    ...{ acr: 'urn:example:acr:mfa', amr: ['pwd', 'otp'], roles: ['license-manager'] },
    ...{
      scope: 'openid profile licenses.read licenses.write',
      tenant: 'example-gmbh',
      device_id: 'laptop-ada',
    },
  }
}
