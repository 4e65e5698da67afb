import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Child, startChild } from './child.ts'
import { type Address, parseAddress } from './envoy-config.ts'
import { createJournal, type Journal } from './journal.ts'
import { DEVICE_KEY, FINGERPRINT_KEY, withSecrets } from './settings-copy.ts'

/** Stepgate itself, running as the program that `npm start` runs. */
export type Service = {
  readonly grpc: Address
  readonly adminUrl: string
  /** Where the provider posts what happens between two logins. */
  readonly signalsUrl: string
  readonly journal: Journal
  /** Resolves when it has ended, with how. */
  readonly ended: Promise<string>
  readonly stop: () => Promise<void>
}

/** What differs from `config/stepgate.yaml`. */
export type ServiceOptions = {
  readonly policy: string
  readonly issuer: string
  /** The key that device cookies are signed with; one that nobody knows when it is not given. */
  readonly deviceKey?: string
  readonly signal?: AbortSignal | undefined
  /** Where to listen for Envoy; a free port when it is not given. */
  readonly grpc?: Address
  /** Other settings, as variables. */
  readonly settings?: Readonly<Record<string, string>>
}

const ROOT = join(import.meta.dirname, '..')
const START_LIMIT = 15_000

/** The settings of the example. The demo's differ by what takes a secret, and by environment variables. */
export const SERVICE_CONFIG = join(ROOT, 'config', 'stepgate.yaml')

/** A secret for one run: bytes that nobody can guess, as text. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** Starts Stepgate with the example's settings on free ports; resolves when it is ready, rejects with what it said. */
export async function startService(options: ServiceOptions): Promise<Service> {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'stepgate-settings-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  const config = join(folder, 'stepgate.yaml')
  await writeFile(config, withSecrets(await readFile(SERVICE_CONFIG, 'utf8')))
  const journal = createJournal()
  const child = await startChild({
    command: process.execPath,
    args: [join(ROOT, 'src', 'main.ts')],
    env: environment(config, options),
    // Paths in settings are relative to the folder in which the service runs.
    cwd: ROOT,
    onLine: journal.add,
  })
  started.defer(child.stop)
  const ready = await untilReady(child, journal, options.signal)
  const grpc = parseAddress(String(ready.grpc))
  const signals = await journal.find((line) => line.event === 'signals-listening')
  const cleanup = started.move()
  return {
    grpc,
    adminUrl: `http://${ready.admin}`,
    signalsUrl: `http://${signals.address}/idp`,
    journal,
    ended: child.ended,
    stop: () => cleanup.disposeAsync(),
  }
}

/** The caller's environment without settings for another Stepgate; its log is read here, so it says everything. */
function environment(config: string, options: ServiceOptions): NodeJS.ProcessEnv {
  const { policy, issuer, grpc, settings, deviceKey = newSecret() } = options
  const foreign = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('STEPGATE_') && name !== 'LOG_LEVEL',
  )
  return {
    ...Object.fromEntries(foreign),
    STEPGATE_CONFIG: config,
    STEPGATE_POLICY: resolve(policy),
    STEPGATE_LISTEN_GRPC: grpc === undefined ? '127.0.0.1:0' : `${grpc.host}:${grpc.port}`,
    STEPGATE_ADMIN_HTTP: '127.0.0.1:0',
    STEPGATE_ISSUERS_IDP_ISSUER: issuer,
    STEPGATE_SHARED_SIGNALS_LISTEN: '127.0.0.1:0',
    STEPGATE_SHARED_SIGNALS_STREAMS_IDP_ISSUER: issuer,
    STEPGATE_SHARED_SIGNALS_STREAMS_IDP_KEYS_JWKS_URI: `${issuer}/jwks`,
    // As behind one load balancer, so that the tour can come from other addresses.
    STEPGATE_CLIENT_ADDRESS_TRUSTED_HOPS: '1',
    ...settings,
    [DEVICE_KEY]: deviceKey,
    [FINGERPRINT_KEY]: newSecret(),
  }
}

async function untilReady(child: Child, journal: Journal, signal: AbortSignal | undefined) {
  const ended = child.ended.then((how) => `ended with ${how}`)
  const ready = journal.find((line) => line.event === 'ready', { limit: START_LIMIT, signal })
  const late = ready.catch(() => `was not ready within ${START_LIMIT / 1000} s`)
  const outcome = await Promise.race([late, ended])
  signal?.throwIfAborted()
  if (typeof outcome !== 'string') return outcome
  throw new Error(`Stepgate ${outcome}; it said:\n${child.tail().slice(-15).join('\n')}`)
}
