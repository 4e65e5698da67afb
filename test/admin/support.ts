import { once } from 'node:events'
import { request } from 'node:http'
import type { TestContext } from 'node:test'
import { type AdminDeps, createAdmin } from '../../src/admin/respond.ts'
import { type HttpServerOptions, startHttpServer } from '../../src/runtime/http-server.ts'

/** The readiness that it shows. */
export const READY = { ready: true, policy: { revision: 'r1' }, issuers: { idp: { keys: true } } }

type Change = Partial<AdminDeps & Pick<HttpServerOptions, 'listen' | 'tls'>>

/** Starts an admin server for one test. */
export async function start(t: TestContext, change: Change = {}) {
  const { listen = { host: '127.0.0.1', port: 0 }, tls = null, ...pages } = change
  const respond = createAdmin({
    host: listen.host,
    token: null,
    live: () => true,
    ready: () => READY,
    metrics: async () => ({ contentType: 'application/openmetrics-text', body: '# EOF\n' }),
    policy: () => ({ current: null, rejection: null }),
    decisions: () => [],
    ...pages,
  })
  const admin = await startHttpServer({
    ...{ name: 'admin', tlsSetting: 'admin.tls' },
    ...{ listen, tls, respond },
  })
  t.after(() => admin.stop())
  return admin
}

/** One request on a connection of its own. */
export async function ask(
  address: string,
  path: string,
  method = 'GET',
  headers: Record<string, string> = {},
) {
  const call = request(`http://${address}${path}`, { method, headers, agent: false }).end()
  const [response] = await once(call, 'response')
  const body: string = (await response.setEncoding('utf8').toArray()).join('')
  return { status: response.statusCode, headers: response.headers, body }
}
