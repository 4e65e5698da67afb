import { readFileSync } from 'node:fs'
import { createAdmin } from '../admin/respond.ts'
import type { Pages, PolicyState } from '../admin/routes.ts'
import type { CompiledPolicy } from '../policy/compiled-policy.ts'
import { type HttpServer, startHttpServer } from '../runtime/http-server.ts'
import type { Lifecycle } from '../runtime/lifecycle.ts'
import type { PolicyStore } from '../runtime/policy-store.ts'
import type { Secrets } from '../settings/read-secrets.ts'
import type { Settings } from '../settings/read-settings.ts'
import type { Events } from '../telemetry/events.ts'

/** What the admin server needs of the world around the service. */
export type AdminWorld = {
  readonly settings: Pick<Settings, 'admin'>
  readonly secrets: Pick<Secrets, 'admin'>
  readonly lifecycle: Lifecycle
  readonly events: Events
}

/** Starts the admin server, and says so where it is less guarded than others can reach it. */
export async function startAdmin(world: AdminWorld, pages: Pages): Promise<HttpServer> {
  const { settings, secrets, lifecycle, events } = world
  const { http, tls } = settings.admin
  const { token, tlsKey } = secrets.admin
  const admin = await startHttpServer({
    name: 'admin',
    tlsSetting: 'admin.tls',
    listen: http,
    respond: createAdmin({ ...pages, host: http.host, token }),
    tls: tls && tlsKey !== null ? { cert: certificateAt(tls.cert), key: tlsKey } : null,
  })
  lifecycle.started({ name: 'admin server', stop: admin.stop, deadline: 3000 })
  if (!isLoopback(http.host)) {
    if (token === null) events.adminOpen(admin.address, 'token')
    else if (tls === undefined) events.adminOpen(admin.address, 'tls')
  }
  return admin
}

function certificateAt(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new Error(`admin.tls.cert: the file ${path} cannot be read`, { cause: error })
  }
}

/** What `/policy` shows. */
export function describePolicy(store: PolicyStore<CompiledPolicy>): PolicyState {
  const policy = store.current()
  const current = policy && {
    revision: policy.revision,
    files: policy.files,
    rules: policy.rules.length,
    signals: policy.risk.signals.length,
  }
  return { current, rejection: store.rejection() }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d+){3}$/.test(host)
}
