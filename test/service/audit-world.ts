import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, credentials } from '@grpc/grpc-js'
import { createLifecycle } from '../../src/runtime/lifecycle.ts'
import { startService } from '../../src/service/start-service.ts'
import { readSecrets } from '../../src/settings/read-secrets.ts'
import { createEvents } from '../../src/telemetry/events.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { createObserver } from '../../src/telemetry/observe.ts'
import { createNoTracing } from '../../src/telemetry/tracing.ts'
import { type Faults, faultyFs } from '../audit/faulty-fs.ts'
import { KEY, linesOf, PRIVATE_PEM } from '../audit/support.ts'
import { healthOf } from '../identity/ask.ts'
import { EC, jwk } from '../identity/tokens.ts'
import { settingsOf } from '../settings/reading.ts'
import { parseExposition, type Sample } from '../telemetry/exposition.ts'
import { memoryLog } from '../telemetry/fixtures.ts'
import { type Answered, type Asked, ask, ISSUER } from './asking.ts'
import { recordsOf } from './records.ts'

/** The whole service with an audit record, asked over gRPC. */
export type AuditWorld = AsyncDisposable & {
  readonly folder: string
  readonly file: string
  readonly policies: string
  readonly faults: Faults
  readonly ask: (about: Asked) => Promise<Answered>
  readonly admin: (path: string, headers?: Record<string, string>) => Promise<Page>
  readonly health: () => Promise<string>
  readonly samples: () => Promise<readonly Sample[]>
  readonly writePolicy: (text: string) => void
  /** Resolves with the first log line of an event, which may have been written already. */
  readonly logged: (event: string) => Promise<Record<string, unknown>>
  /** The log so far. */
  readonly lines: () => readonly Record<string, unknown>[]
  /** Ends the service in order; the lines of its record. */
  readonly stop: () => Promise<readonly Record<string, unknown>[]>
}

export type Page = { readonly status: number; readonly text: string }

/** YAML that stands beside `audit.to`, and beside `admin.http`; the host of that. */
export type WorldOptions = {
  readonly audit?: string
  readonly admin?: string
  readonly host?: string
}

/** Starts it on free ports; every secret has a value. */
export async function startAuditWorld(
  policy: string,
  { audit = '', admin = '', host = '127.0.0.1' }: WorldOptions = {},
): Promise<AuditWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'stepgate-service-'))
  const at = (name: string) => join(folder, name)
  const writePolicy = (text: string) => writeFileSync(at('policy.yaml'), text)
  writePolicy(policy)
  const faults: Faults = {}
  const settings = settingsOf(settingsText(at, audit, `${host}:0${admin}`))
  const { log, lines } = memoryLog('info')
  const metrics = createMetrics({ process: false })
  const happened = createNoTracing().happened
  const events = createEvents({ log, metrics, happened, now: Date.now })
  const failures: unknown[] = []
  const lifecycle = createLifecycle((failure) => failures.push(failure))
  const secrets = readSecrets(settings, SECRETS, () => assert.fail('no file is read'))
  assert.ok(secrets.kind === 'secrets')
  const parts = { settings, secrets: secrets.secrets, lifecycle, events }
  const records = await recordsOf({ ...parts, fs: faultyFs(faults) })
  const now = () => performance.now()
  const { keep } = records
  await startService({
    ...parts,
    records,
    metrics,
    observe: createObserver({ tracing: createNoTracing(), metrics, log, now, keep }),
    fetch,
    now: Date.now,
    clock: now,
    random: () => 0,
    newDecisionId: randomUUID,
  })
  const logged = (event: string) => until(() => lines().find((line) => line.event === event))
  const ready = await logged('ready')
  const client = new Client(String(ready.grpc), credentials.createInsecure())
  const stop = async () => {
    client.close()
    await lifecycle.stop()
    return linesOf(at('audit.jsonl'))
  }
  return {
    folder,
    file: at('audit.jsonl'),
    policies: at('policies'),
    faults,
    writePolicy,
    logged,
    lines,
    stop,
    ask: (about) => ask(client, about),
    admin: async (path, headers = {}) => {
      const answer = await fetch(
        `http://${String(ready.admin).replace('0.0.0.0', '127.0.0.1')}${path}`,
        { headers },
      )
      return { status: answer.status, text: await answer.text() }
    },
    health: () => healthOf(client),
    samples: async () => parseExposition((await metrics.exposition()).body),
    async [Symbol.asyncDispose]() {
      faults.write = null
      await stop()
      rmSync(folder, { recursive: true })
      assert.deepEqual(failures, [])
    },
  }
}

/** The value that `look` finds, as soon as it finds one. */
export async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 1000; tries++) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return assert.fail('it did not happen within 5 s')
}

const SECRETS = {
  PSEUDONYMS: KEY.toString('hex'),
  SIGNING: PRIVATE_PEM,
  TOKEN: 'an-admin-token-of-tests',
}

function settingsText(at: (name: string) => string, audit: string, admin: string): string {
  const keys = { static: { keys: [jwk(EC)] } }
  const issuers = { idp: { issuer: ISSUER, audiences: ['licensing-api'], keys } }
  const quoted = (name: string) => JSON.stringify(at(name))
  return `
listen: { grpc: ${JSON.stringify(`unix:${at('grpc.sock')}`)} }
admin: { http: ${admin} }
policy: ${quoted('policy.yaml')}
issuers: ${JSON.stringify(issuers)}
audit:
  to: ${quoted('audit.jsonl')}
  pseudonym_key: env:PSEUDONYMS
  signing_key: env:SIGNING
  sync_every: 20ms
  policies: { folder: ${quoted('policies')} }
${audit}`
}
