import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, credentials, Metadata } from '@grpc/grpc-js'
import { startChild } from '../../demo/child.ts'
import { AUTHORIZATION } from '../../src/envoy/codec.ts'
import { decodeOfficial, encodeOfficial, type OfficialResponse } from '../envoy/support.ts'
import { serving, startProvider } from '../identity/provider.ts'
import { EC, jwk } from '../identity/tokens.ts'
import { CANARY } from '../telemetry/fixtures.ts'
import { startReceiver } from '../telemetry/otlp-receiver.ts'

/** The program itself, with everything that leaves it in the hands of the test. */
export type SecretWorld = AsyncDisposable & {
  /** The issuer whose keys are fetched. */
  readonly issuer: string
  /** What Envoy is answered, and the metadata and status of the call. */
  readonly ask: (attributes: object) => Promise<Asked>
  /** The body and headers of an admin page. */
  readonly admin: (path: string, headers: Record<string, string>) => Promise<string>
  /** Ends the program; everything that it wrote and exported, by where it went. */
  readonly written: () => Promise<Readonly<Record<'log' | 'spans' | 'audit', string>>>
}

export type Asked = { readonly response: OfficialResponse | null; readonly call: string }

const ROOT = join(import.meta.dirname, '../..')
/** Milliseconds. */
const START_LIMIT = 10_000
const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

/** Issuers other than the one whose keys are fetched, by where their tokens come from. */
export const OTHER_ISSUERS = {
  header: 'https://header.example',
  cookie: 'https://cookie.example',
  metadata: 'https://metadata.example',
}

/** What opens the admin port; a secret as well. */
export const ADMIN_TOKEN = `${CANARY}-admin-token`

export async function startSecretWorld(policy: string): Promise<SecretWorld> {
  await using starting = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'stepgate-'))
  starting.defer(() => rmSync(folder, { recursive: true }))
  const provider = starting.use(await startProvider())
  provider.behave = serving(provider, [jwk(EC)])
  const receiver = await startReceiver()
  starting.defer(receiver.close)
  writeFileSync(join(folder, 'policy.yaml'), policy)
  writeFileSync(join(folder, 'stepgate.yaml'), settings(folder, provider.url))
  const { child, lines, ready } = await startProgram(folder, receiver.url)
  starting.defer(child.stop)
  const { grpc, admin } = await ready
  const client = new Client(grpc, credentials.createInsecure())
  starting.defer(() => client.close())
  const started = starting.move()
  return {
    issuer: provider.url,
    ask: (attributes) => ask(client, attributes),
    admin: async (path, headers) => {
      const answer = await fetch(`http://${admin}${path}`, { headers })
      return JSON.stringify([...answer.headers]) + (await answer.text())
    },
    written: async () => {
      await child.stop()
      const spans = Buffer.concat(receiver.bytes).toString('latin1')
      const audit = readFileSync(join(folder, 'audit.jsonl'), 'utf8')
      return { log: lines.join('\n'), spans, audit }
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

/** `ready` resolves with the addresses, and rejects with what was said when it ended instead or took too long. */
async function startProgram(folder: string, collector: string) {
  const lines: string[] = []
  const ready = Promise.withResolvers<{ grpc: string; admin: string }>()
  const child = await startChild({
    command: process.execPath,
    args: [join(ROOT, 'src/main.ts')],
    env: {
      ...process.env,
      LOG_LEVEL: 'trace',
      STEPGATE_CONFIG: join(folder, 'stepgate.yaml'),
      OTEL_EXPORTER_OTLP_ENDPOINT: collector,
      PSEUDONYMS: Buffer.from(CANARY.repeat(6)).toString('hex'),
      ADMIN_TOKEN,
    },
    onLine: (line) => {
      lines.push(line)
      if (line.includes('"event":"ready"')) ready.resolve(JSON.parse(line))
    },
  })
  const fail = (why: string) => ready.reject(new Error([why, ...lines].join('\n')))
  const timer = setTimeout(() => fail('not ready'), START_LIMIT)
  void child.ended.then(fail)
  return { child, lines, ready: ready.promise.finally(() => clearTimeout(timer)) }
}

function settings(folder: string, issuer: string): string {
  const shared = { audiences: ['licensing-api'] }
  const keys = { static: { keys: [jwk(EC)] } }
  const { header, cookie, metadata } = OTHER_ISSUERS
  return JSON.stringify({
    listen: { grpc: '127.0.0.1:0' },
    admin: { http: '127.0.0.1:0', token: 'env:ADMIN_TOKEN' },
    audit: {
      to: join(folder, 'audit.jsonl'),
      pseudonym_key: 'env:PSEUDONYMS',
      policies: { folder: join(folder, 'policies') },
    },
    policy: join(folder, 'policy.yaml'),
    issuers: {
      idp: { ...shared, issuer },
      app: { ...shared, issuer: header, keys, token: { header: 'x-app-token' } },
      web: { ...shared, issuer: cookie, keys, token: { cookie: 'session' } },
      edge: { ...shared, issuer: metadata, token: { metadata: 'envoy.filters.http.jwt_authn' } },
    },
  })
}

/** Asks as Envoy does; a call that fails is an answer too. */
function ask(client: Client, attributes: object): Promise<Asked> {
  const metadata = new Metadata()
  metadata.set('traceparent', TRACEPARENT)
  const request = encodeOfficial({ attributes })
  const pass = (buffer: Buffer) => buffer
  return new Promise((resolve) => {
    let response: OfficialResponse | null = null
    const said: unknown[] = []
    const call = client.makeUnaryRequest(
      AUTHORIZATION.Check.path,
      pass,
      pass,
      request,
      metadata,
      (error, answer) => {
        if (answer) response = decodeOfficial(answer)
        said.push(error?.details)
      },
    )
    call.on('metadata', (initial: Metadata) => said.push(initial.getMap()))
    call.on('status', ({ details, metadata: trailers }) => {
      said.push(details, trailers.getMap())
      resolve({ response, call: JSON.stringify(said) })
    })
  })
}
