import { createMetrics } from '../../src/telemetry/metrics.ts'
import { createObserver, type ObserverDeps } from '../../src/telemetry/observe.ts'
import { createNoTracing } from '../../src/telemetry/tracing.ts'
import { memoryLog } from './fixtures.ts'

/** A context that Envoy could send. */
export const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

/** An observer without a collector, its log in memory and its clock in the hands of the test. */
export function setUp(change: Partial<ObserverDeps> = {}) {
  const memory = memoryLog()
  const metrics = createMetrics({ process: false })
  const clock = { now: 1000 }
  const deps = { tracing: createNoTracing(), metrics, log: memory.log, now: () => clock.now }
  const observe = createObserver({ ...deps, ...change })
  return { ...memory, metrics, clock, observe: () => observe(() => TRACEPARENT) }
}
