/*
 * `npm run bench:watching` measures what reporting one decision costs the process that decides, in microseconds of its
 * processor time: metrics, the log line, and spans by how many of them are sampled. Spans are serialised and sent, to a
 * collector of its own process that looks at none. The least of several rounds counts: whatever else the machine does
 * only adds.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { createLog } from '../../src/telemetry/log.ts'
import type { LogLevel } from '../../src/telemetry/log-level.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { createObserver } from '../../src/telemetry/observe.ts'
import { createNoTracing, createTracing, type Tracing } from '../../src/telemetry/tracing.ts'
import { readTracingSettings } from '../../src/telemetry/tracing-settings.ts'
import { startSpanSink } from '../span-sink.ts'
import { RECORD } from './one-decision.ts'

const ROUNDS = 8
const DECISIONS = 10_000
/** After so many there is a pause to send spans in: were the queue full, nothing would be measured. */
const BURST = 500
const STAGES = ['identified', 'selected', 'facts', 'decided'] as const

type Case = { readonly name: string; readonly level: LogLevel; readonly tracing: () => Tracing }

const now = () => performance.now()
const sink = await startSpanSink()
const CASES: readonly Case[] = [
  { name: 'metrics', level: 'silent', tracing: createNoTracing },
  { name: 'metrics, log', level: 'info', tracing: createNoTracing },
  { name: 'metrics, log, spans: none sampled', level: 'info', tracing: () => tracingOf(0) },
  { name: 'metrics, log, spans: 10 % sampled', level: 'info', tracing: () => tracingOf(0.1) },
  { name: 'metrics, log, spans: all sampled', level: 'info', tracing: () => tracingOf(1) },
]
for (const one of CASES) console.log(`${one.name.padEnd(36)} ${(await costOf(one)).toFixed(1)} µs`)
await sink.stop()

async function costOf({ level, tracing }: Case): Promise<number> {
  const traces = tracing()
  const log = createLog(level, { write: () => {} })
  const metrics = createMetrics({ process: false })
  metrics.policyLoaded('r', [...RECORD.decision.rules])
  const observe = createObserver({ tracing: traces, metrics, log, now })
  const costs: number[] = []
  for (let round = 0; round < ROUNDS; round++) costs.push(await runRound(observe))
  await traces.shutdown()
  return Math.min(...costs)
}

async function runRound(observe: ReturnType<typeof createObserver>): Promise<number> {
  const before = process.cpuUsage()
  for (let at = 0; at < DECISIONS; at++) {
    const observation = observe(() => undefined)
    for (const stage of STAGES) observation.stage(stage)
    observation.decided(RECORD)
    if (at % BURST === 0) await wait(1)
  }
  await wait(200)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / DECISIONS
}

function tracingOf(sample: number): Tracing {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url }
  const read = readTracingSettings(env, { sample, kept_per_second: 0 }, readFileSync)
  if (!read.ok || read.settings === null) throw new Error('no settings for spans')
  const about = { version: '', instance: '', now, random: Math.random }
  const onExportFailed = (error: Error | undefined) => {
    throw error ?? new Error('spans were not taken')
  }
  return createTracing({ settings: read.settings, ...about, onExportFailed, onSpans: () => {} })
}
