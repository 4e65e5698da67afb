import { once } from 'node:events'
import { request } from 'node:http'
import type { TestContext } from 'node:test'
import { type AdminDeps, startAdminServer } from '../../src/admin/admin-server.ts'

/** The readiness that it shows. */
export const READY = { ready: true, policy: { revision: 'r1' }, issuers: { idp: { keys: true } } }

/** Starts an admin server for one test. */
export async function start(t: TestContext, change: Partial<AdminDeps> = {}) {
  const admin = await startAdminServer({
    listen: { port: 0 },
    live: () => true,
    ready: () => READY,
    metrics: async () => ({ contentType: 'application/openmetrics-text', body: '# EOF\n' }),
    policy: () => ({ current: null, rejection: null }),
    decisions: () => [],
    ...change,
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
