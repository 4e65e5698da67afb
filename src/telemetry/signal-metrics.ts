import type { OpenMetricsContentType, Registry } from 'prom-client'
import { createTally } from './tally.ts'

/** Registers what is counted of shared signals. */
export function signalMetrics(registry: Registry<OpenMetricsContentType>) {
  return {
    securityEvents: createTally(
      registry,
      'stepgate_security_events_total',
      'Security events that transmitters sent, by what became of them',
      ['stream', 'type', 'result'],
    ),
  }
}
