import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import { close, listen } from '../listening.ts'
import { createConfiguration, type ProviderSettings } from './configuration.ts'
import { type Receiver, tellSessionsEnded } from './end-sessions.ts'
import { handleLogin } from './login.ts'

/** A running OpenID provider. */
export type IdentityProvider = {
  /** The issuer identifier, which is also where it is. */
  readonly issuer: string
  /** Tells a receiver of shared signals that all sessions of a user have ended. */
  readonly endSessions: (user: string, receiver: Receiver) => Promise<void>
  readonly stop: () => Promise<void>
}

/** Where to listen (port 0 takes a free one), and what is to differ: a key is made for each provider. */
export type ProviderOptions = Partial<ProviderSettings> & {
  readonly port: number
  /** The loopback interface unless it is given; the issuer is on loopback in any case. */
  readonly host?: string
}

/**
 * Starts an OpenID provider with the levels password, mfa and phishing-resistant.
 * It is `oidc-provider` with a login page; users, keys and sessions are in memory.
 */
export async function startIdentityProvider(options: ProviderOptions): Promise<IdentityProvider> {
  const server = createServer()
  await listen(server, options.port, options.host)
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { signingKey = createKey(), redirectUris = [], stepsUp = true } = options
  const configuration = createConfiguration({ signingKey, redirectUris, stepsUp })
  const provider = new Provider(issuer, configuration)
  provider.on('server_error', (_context, error) => console.error('identity provider:', error))
  const codes = { spent: new Map<string, number>(), now: Date.now }
  const protocol = provider.callback()
  server.on('request', (request, response) => {
    const handled = request.url?.startsWith('/interaction/')
      ? handleLogin(provider, codes, request, response)
      : protocol(request, response)
    handled.catch((error) => response.destroy(error))
  })
  const endSessions = (user: string, receiver: Receiver) =>
    tellSessionsEnded({ issuer, signingKey }, user, receiver)
  return { issuer, endSessions, stop: () => close(server) }
}

function createKey(): JsonWebKey {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
}
