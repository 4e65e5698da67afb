import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { createObserver } from '../../src/telemetry/observe.ts'
import { createTracing, type Tracing } from '../../src/telemetry/tracing.ts'
import { readTracingSettings } from '../../src/telemetry/tracing-settings.ts'
import { memoryLog } from './fixtures.ts'
import { type Behaviour, type Receiver, startReceiver } from './otlp-receiver.ts'

/** The trace that Envoy is in. */
export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736'
/** Envoy's span. */
export const PARENT_ID = '00f067aa0ba902b7'
/** What Envoy sends for a trace that it records. */
export const SAMPLED = `00-${TRACE_ID}-${PARENT_ID}-01`
/** What Envoy sends for one that it does not. */
export const UNSAMPLED = `00-${TRACE_ID}-${PARENT_ID}-00`

/** A tracing service that sends to a collector of its own. */
export async function setUp(
  t: TestContext,
  options: { behaviour?: Behaviour; env?: Record<string, string>; sample?: number } = {},
) {
  const receiver = await startReceiver(options.behaviour)
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...options.env }
  const result = readTracingSettings(env, options.sample ?? 1)
  assert.ok(result.ok && result.settings)
  const failures: (Error | undefined)[] = []
  const tracing = createTracing({
    settings: result.settings,
    version: '1.2.3',
    instance: 'replica-7',
    onExportFailed: (error) => failures.push(error),
  })
  t.after(async () => {
    await tracing.shutdown()
    await receiver.close()
  })
  return { receiver, tracing, failures, ...observerOf(tracing) }
}

/** An observer with a log in memory. */
export function observerOf(tracing: Tracing) {
  const memory = memoryLog()
  const metrics = createMetrics({ process: false })
  const observe = createObserver({
    tracing,
    metrics,
    log: memory.log,
    now: () => performance.now(),
  })
  return { observe, memory, metrics }
}

/** The metadata of a call. */
export function carrier(traceparent?: string, tracestate?: string) {
  const metadata = new Map(Object.entries({ traceparent, tracestate }))
  return (name: string) => metadata.get(name)
}

/** Every span, once all are delivered. */
export async function exported(tracing: Tracing, receiver: Receiver) {
  await tracing.shutdown()
  return receiver.spans
}
