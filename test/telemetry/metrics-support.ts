import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts'
import { createObserver } from '../../src/telemetry/observe.ts'
import { createNoTracing } from '../../src/telemetry/tracing.ts'
import { parseExposition } from './exposition.ts'
import { memoryLog } from './fixtures.ts'

/** The trace of every decision. */
export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736'

/** Those of the made-up decisions. */
export const RULES: readonly string[] = ['manage', 'big-tier-change', 'suspended']

/** An observer on a clock that the test moves. */
export function setUp(options: { ruleCap?: number } = {}) {
  const metrics = createMetrics({ process: false, ...options })
  metrics.policyLoaded('r1', RULES)
  const clock = { now: 0 }
  const { log } = memoryLog('silent')
  const observer = createObserver({
    tracing: createNoTracing(),
    metrics,
    log,
    now: () => clock.now,
  })
  const observe = (flags = '00') => observer(() => `00-${TRACE_ID}-00f067aa0ba902b7-${flags}`)
  return { metrics, clock, observe, scrape: () => scrape(metrics) }
}

async function scrape(metrics: Metrics) {
  return parseExposition((await metrics.exposition()).body)
}
