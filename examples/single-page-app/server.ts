import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { PORTAL, RESOURCE } from '../identity-provider/clients.ts'
import { close, listen } from '../listening.ts'

/** A running server of the application's files, which knows nobody's token. */
export type SinglePageApp = {
  /** The origin of its page. */
  readonly url: string
  /** Where logins end, for the provider to know. */
  readonly redirectUri: string
  /** Tells the page where the provider is, and the API: Envoy. */
  readonly serve: (where: { readonly issuer: string; readonly api: string }) => void
  readonly stop: () => Promise<void>
}

/** What the page imports by name; an application of yours has a bundler for that. */
const IMPORTS = ['openid-client', 'oauth4webapi', 'jose/jwe/compact/decrypt', 'jose/errors']

const MODULES = join(import.meta.dirname, '../../node_modules')
const CLIENT = join(import.meta.dirname, '../client')
const JAVASCRIPT = 'text/javascript; charset=utf-8'
const HTML = 'text/html; charset=utf-8'

/** Starts it on loopback; port 0 takes a free one. */
export async function startSinglePageApp({
  port,
}: {
  readonly port: number
}): Promise<SinglePageApp> {
  const server = createServer()
  await listen(server, port)
  const url = `http://localhost:${(server.address() as AddressInfo).port}`
  return {
    url,
    redirectUri: `${url}/callback`,
    serve({ issuer, api }) {
      const { client_id: clientId } = PORTAL
      const application = { scopes: ['openid', 'licenses'], target: { resource: RESOURCE } }
      const settings = { issuer, api, clientId, ...application }
      server.on('request', (request, response) => {
        const { pathname } = new URL(request.url ?? '/', url)
        answer(pathname, settings, response).catch((error) => response.destroy(error))
      })
    },
    stop: () => close(server),
  }
}

async function answer(path: string, settings: object, response: ServerResponse): Promise<void> {
  const file = await fileAt(path, settings)
  response.writeHead(file === null ? 404 : 200, {
    'content-type': file?.type ?? 'text/plain',
    'cache-control': 'no-store',
    // In a frame, another site could lead somebody's clicks to the buttons.
    'content-security-policy': "frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
  })
  response.end(file?.text)
}

type File = { readonly type: string; readonly text: string }

async function fileAt(path: string, settings: object): Promise<File | null> {
  const here = (name: string) => readFile(join(import.meta.dirname, name), 'utf8')
  if (path === '/') {
    const text = (await here('index.html')).replace('{ "imports": {} }', importMap())
    return { type: HTML, text }
  }
  if (path === '/callback') return { type: HTML, text: await here('callback.html') }
  if (path === '/app.js') return { type: JAVASCRIPT, text: await here('app.js') }
  if (path === '/settings.json') return { type: 'application/json', text: JSON.stringify(settings) }
  const [, client] = /^\/client\/([\w-]+\.ts)$/.exec(path) ?? []
  if (client !== undefined) {
    const source = await readFile(join(CLIENT, client), 'utf8')
    return { type: JAVASCRIPT, text: stripTypeScriptTypes(source) }
  }
  const [, module] =
    /^\/modules\/((?:openid-client|oauth4webapi|jose)\/[\w./-]+\.js)$/.exec(path) ?? []
  if (module === undefined || module.includes('..')) return null
  return { type: JAVASCRIPT, text: await readFile(join(MODULES, module), 'utf8') }
}

function importMap(): string {
  const imports = IMPORTS.map((name) => {
    const [, path] = import.meta.resolve(name).split('/node_modules/')
    return [name, `/modules/${path}`]
  })
  return JSON.stringify({ imports: Object.fromEntries(imports) })
}
