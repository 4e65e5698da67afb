import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as oidc from 'openid-client'
import type { StepUpPage } from '../client/step-up-page.ts'
import { PORTAL, RESOURCE } from '../identity-provider/clients.ts'
import { close, listen } from '../listening.ts'
import { createLogins } from './logins.ts'
import { createRoutes, type Route } from './routes.ts'

/** The cookie that carries the access token to the API: `token: { cookie: __Host-session }` of the issuer's settings. */
const SESSION_COOKIE = '__Host-session'

/** The cookie by which a browser is known again at the end of a login. */
const BROWSER_COOKIE = '__Host-browser'

/** A running portal. */
export type Portal = {
  /** Where it is. Cookies know no ports: what it sets on this host reaches the API there, too. */
  readonly url: string
  /** Where logins end, for the provider to know. */
  readonly redirectUri: string
  /** Takes visits from now on. */
  readonly serve: (settings: PortalSettings) => Promise<void>
  readonly stop: () => Promise<void>
}

/** The provider, what `challenge.redirect` of the service's settings says, and for tests another clock (milliseconds). */
export type PortalSettings = StepUpPage & { readonly issuer: string; readonly now?: () => number }

/**
 * Starts the pages of an application that log its users in: `/step-up`, which Stepgate redirects browsers to, and
 * `/callback`, where the provider sends them back to.
 */
export async function startPortal({ port }: { readonly port: number }): Promise<Portal> {
  const server = createServer()
  await listen(server, port)
  const url = `http://localhost:${(server.address() as AddressInfo).port}`
  const redirectUri = `${url}/callback`
  return {
    url,
    redirectUri,
    async serve({ issuer, now = Date.now, ...page }) {
      const options = { execute: [oidc.allowInsecureRequests] }
      const client = [PORTAL.client_id, undefined, oidc.None(), options] as const
      const config = await oidc.discovery(new URL(issuer), ...client)
      const scopes = ['openid', 'licenses']
      const target = { resource: RESOURCE }
      const logins = createLogins(config, { redirectUri, scopes, target })
      const routes = createRoutes(logins, page, now)
      server.on('request', (request, response) => {
        answer(routes, request, response, url).catch((error) => response.destroy(error))
      })
    },
    stop: () => close(server),
  }
}

async function answer(
  routes: Readonly<Record<string, Route>>,
  request: IncomingMessage,
  response: ServerResponse,
  base: string,
): Promise<void> {
  const url = new URL(request.url ?? '/', base)
  const browser = cookieOf(request, BROWSER_COOKIE) ?? randomBytes(16).toString('base64url')
  const route = routes[`${request.method} ${url.pathname}`]
  const { status, html, location, token } = (await route?.(browser, url)) ?? { status: 404 }
  const session = token === undefined ? [] : [cookie(SESSION_COOKIE, token)]
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    ...(location === undefined ? {} : { location }),
    'set-cookie': [cookie(BROWSER_COOKIE, browser), ...session],
  })
  response.end(html)
}

function cookieOf({ headers }: IncomingMessage, name: string): string | undefined {
  const pairs = headers.cookie?.split('; ') ?? []
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1)
}

/** Lax: it comes along when another site leads here, and never with a form that another site sends. */
function cookie(name: string, value: string): string {
  return `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax`
}
