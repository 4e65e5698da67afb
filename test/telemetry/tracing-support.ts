import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { createObserver } from '../../src/telemetry/observe.ts'
import { createTracing, type Tracing } from '../../src/telemetry/tracing.ts'
import { readTracingSettings } from '../../src/telemetry/tracing-settings.ts'
import { memoryLog } from './fixtures.ts'
import { startGrpcReceiver } from './otlp-grpc-receiver.ts'
import { type Behaviour, type Receiver, startReceiver } from './otlp-receiver.ts'

/** The trace that Envoy is in. */
export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736'
/** Envoy's span. */
export const PARENT_ID = '00f067aa0ba902b7'
/** What Envoy sends for a trace that it records. */
export const SAMPLED = `00-${TRACE_ID}-${PARENT_ID}-01`
/** What Envoy sends for one that it does not. */
export const UNSAMPLED = `00-${TRACE_ID}-${PARENT_ID}-00`

/** Both that are spoken. */
export const PROTOCOLS = ['http/protobuf', 'grpc'] as const
type Protocol = (typeof PROTOCOLS)[number]

/** What differs from a service that traces everything and keeps nothing besides. */
export type TracingOptions = {
  readonly behaviour?: Behaviour
  readonly protocol?: Protocol
  readonly env?: Record<string, string>
  readonly sample?: number
  readonly kept?: number
  /** Milliseconds, on a clock that the test moves. */
  readonly clock?: () => number
  readonly random?: () => number
}

/** A tracing service that sends to a collector of its own. */
export async function setUp(t: TestContext, options: TracingOptions = {}) {
  const { sample = 1, kept = 0, protocol = 'http/protobuf' } = options
  const start = protocol === 'grpc' ? startGrpcReceiver : startReceiver
  const receiver: Receiver = await start(options.behaviour)
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    ...options.env,
  }
  const result = readTracingSettings(env, { sample, kept_per_second: kept }, readFileSync)
  assert.ok(result.ok && result.settings)
  const clock = options.clock ?? (() => performance.now())
  const metrics = createMetrics({ process: false })
  const failures: (Error | undefined)[] = []
  const tracing = createTracing({
    settings: result.settings,
    version: '1.2.3',
    instance: 'replica-7',
    now: clock,
    random: options.random ?? Math.random,
    onExportFailed: (error) => failures.push(error),
    onSpans: metrics.spans,
  })
  t.after(async () => {
    await tracing.shutdown()
    await receiver.close()
  })
  return { receiver, tracing, failures, ...observerOf(tracing, metrics, clock) }
}

/** An observer with a log in memory. */
export function observerOf(
  tracing: Tracing,
  metrics = createMetrics({ process: false }),
  now = () => performance.now(),
) {
  const memory = memoryLog()
  const observe = createObserver({ tracing, metrics, log: memory.log, now })
  return { observe, memory, metrics }
}

/** The metadata of a call with the context in the way of the W3C. */
export function carrier(traceparent?: string, tracestate?: string) {
  return metadataOf({ traceparent, tracestate })
}

/** Any metadata of a call. */
export function metadataOf(entries: Readonly<Record<string, string | undefined>>) {
  const metadata = new Map(Object.entries(entries))
  return (name: string) => metadata.get(name)
}

/** Every span, once all are delivered. */
export async function exported(tracing: Tracing, receiver: Receiver) {
  await tracing.shutdown()
  return receiver.spans
}
