import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { DECISION_ID, recordOf } from '../telemetry/fixtures.ts'
import { carrier, PARENT_ID, PROTOCOLS, setUp, TRACE_ID } from '../telemetry/tracing-support.ts'

const { JAEGER_BIN } = process.env
const skip = JAEGER_BIN ? false : 'no Jaeger: set JAEGER_BIN to the binary of Jaeger 2'

describe('Jaeger', { skip }, () => {
  let folder: string
  let jaeger: ChildProcess
  let ports: readonly number[]
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stepgate-jaeger-'))
    ports = await freePorts(4)
    const config = join(folder, 'jaeger.yaml')
    await writeFile(config, configOf(ports))
    jaeger = spawn(JAEGER_BIN ?? '', ['--config', config], { stdio: 'ignore' })
    await until(() => get('/api/v3/services'))
  })
  after(async () => {
    if (jaeger && jaeger.exitCode === null) {
      const ended = once(jaeger, 'exit')
      jaeger.kill('SIGKILL')
      await ended
    }
    await rm(folder, { recursive: true, force: true })
  })

  const get = async (path: string): Promise<JaegerAnswer | null> => {
    const answer = await fetch(`http://127.0.0.1:${ports[0]}${path}`).catch(() => null)
    return answer?.ok ? ((await answer.json()) as JaegerAnswer) : null
  }

  for (const [at, protocol] of PROTOCOLS.entries()) {
    test(`gives back what was sent to it over ${protocol}`, async (t) => {
      const traceId = `${TRACE_ID.slice(0, -1)}${at}`
      const port = ports[protocol === 'grpc' ? 2 : 3]
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` }
      const { observe, tracing } = await setUp(t, { protocol, env })
      observe(carrier(`00-${traceId}-${PARENT_ID}-01`)).decided(recordOf('step_up'))
      await tracing.shutdown()
      const { result } = await until(() => get(`/api/v3/traces/${traceId}`))
      const spans = result?.resourceSpans.flatMap(({ scopeSpans }) =>
        scopeSpans.flatMap((scope) => scope.spans),
      )
      const [span, ...more] = spans ?? []
      assert.ok(span && more.length === 0)
      assert.equal(span.name, 'stepgate.decide')
      assert.equal(span.parentSpanId, PARENT_ID)
      const values = new Map(span.attributes.map(({ key, value }) => [key, value.stringValue]))
      assert.equal(values.get('stepgate.decision.id'), DECISION_ID)
      assert.equal(values.get('stepgate.outcome'), 'step_up')
    })
  }
})

/** OTLP in JSON, which Jaeger answers with: the part that is looked at. */
type JaegerAnswer = {
  readonly result?: {
    readonly resourceSpans: readonly {
      readonly scopeSpans: readonly { readonly spans: readonly JaegerSpan[] }[]
    }[]
  }
}
type JaegerSpan = {
  readonly name: string
  readonly parentSpanId: string
  readonly attributes: readonly {
    readonly key: string
    readonly value: { readonly stringValue?: string }
  }[]
}

function configOf([http, query, grpc, otlp]: readonly number[]): string {
  return `
service:
  extensions: [jaeger_storage, jaeger_query]
  pipelines:
    traces: { receivers: [otlp], exporters: [jaeger_storage_exporter] }
  telemetry: { metrics: { level: none } }
extensions:
  jaeger_storage: { backends: { memory: { memory: { max_traces: 100 } } } }
  jaeger_query:
    storage: { traces: memory }
    http: { endpoint: "127.0.0.1:${http}" }
    grpc: { endpoint: "127.0.0.1:${query}" }
receivers:
  otlp:
    protocols:
      grpc: { endpoint: "127.0.0.1:${grpc}" }
      http: { endpoint: "127.0.0.1:${otlp}" }
exporters:
  jaeger_storage_exporter: { trace_storage: memory }
`
}

/** Jaeger takes no port 0. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  for (const server of servers) server.close()
  return ports
}

async function until<T>(ask: () => Promise<T | null>): Promise<T> {
  const deadline = Date.now() + 20_000
  while (Date.now() < deadline) {
    const found = await ask()
    if (found !== null) return found
    await wait(50)
  }
  return assert.fail('it did not come')
}
