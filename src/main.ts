import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { formatIssues, type Issue } from './domain/issue.ts'
import { createLifecycle, stopOnSignals } from './runtime/lifecycle.ts'
import { startRecords } from './service/start-records.ts'
import { startService } from './service/start-service.ts'
import { readSecrets, type Secrets } from './settings/read-secrets.ts'
import { readSettings, type Settings } from './settings/read-settings.ts'
import { createEvents } from './telemetry/events.ts'
import { createLog } from './telemetry/log.ts'
import { type LogLevel, readLogLevel } from './telemetry/log-level.ts'
import { openDescriptor, openLogOutput } from './telemetry/log-output.ts'
import { createMetrics, type Metrics } from './telemetry/metrics.ts'
import { createObserver } from './telemetry/observe.ts'
import { createNoTracing, createTracing, type Tracing } from './telemetry/tracing.ts'
import {
  readTracingSettings,
  type TracingSettings,
  type TracingSettingsResult,
} from './telemetry/tracing-settings.ts'

const VERSION = '0.1.0'
const INSTANCE = randomUUID()
const WORLD = {
  now: Date.now,
  clock: () => performance.now(),
  random: Math.random,
  newDecisionId: randomUUID,
}
const AUDIT_WORLD = {
  version: VERSION,
  instance: INSTANCE,
  newId: randomUUID,
  // What cannot be written is told to whoever wrote it.
  stdout: () => openDescriptor(1).on('error', () => {}),
}
const env = process.env
const read = readSettings(env, (path) => readFileSync(path))
const share =
  read.kind === 'settings' ? read.settings.telemetry.traces : { sample: 1, kept_per_second: 0 }
const tracing = readTracingSettings(env, share, (path) => readFileSync(path))
const logLevel = readLogLevel(env)
const secrets =
  read.kind === 'settings' ? readSecrets(read.settings, env, (path) => readFileSync(path)) : null

if (read.kind === 'settings' && secrets?.kind === 'secrets' && tracing.ok && logLevel.ok)
  await run(read.settings, secrets.secrets, tracing, logLevel.level)
else
  refuseToStart([
    ...(read.kind === 'issues' ? read.issues : []),
    ...(secrets?.kind === 'issues' ? secrets.issues : []),
    ...(tracing.ok ? [] : tracing.issues),
    ...(logLevel.ok ? [] : [logLevel.issue]),
  ])

/** Starts the service and leaves it running until a signal ends it. */
async function run(
  settings: Settings,
  secrets: Secrets,
  { settings: spans, warnings }: Extract<TracingSettingsResult, { ok: true }>,
  level: LogLevel,
): Promise<void> {
  const metrics = createMetrics({ process: true })
  const output = openLogOutput(logDescriptor(settings), () => metrics.reportLost('log'))
  const log = createLog(level, output)
  for (const { message, hint } of warnings)
    log.warn({ event: 'variable-ignored', reason: message, hint })
  const lifecycle = createLifecycle(({ name, ...failure }) =>
    log.error({ event: 'not-stopped', part: name, ...failure }),
  )
  lifecycle.started({ name: 'log', stop: output.flush, deadline: 1000 })
  const traces = openTraces(spans, metrics.spans, (error) => events.exportFailed(error))
  const events = createEvents({ log, metrics, happened: traces.happened, now: WORLD.now })
  lifecycle.started({ name: 'traces', stop: traces.shutdown, deadline: 3500 })
  let stopReason = 'not started'
  stopOnSignals(
    process,
    lifecycle,
    (signal) => {
      stopReason = signal
      events.stopping(signal)
    },
    WORLD.clock,
  )
  const known = { settings, secrets, lifecycle, events, ...WORLD }
  try {
    const records = await startRecords({ ...known, ...AUDIT_WORLD, stopReason: () => stopReason })
    const { keep } = records
    const observe = createObserver({ tracing: traces, metrics, log, now: WORLD.clock, keep })
    await startService({ ...known, metrics, observe, records, fetch })
  } catch (error) {
    log.fatal({ event: 'not-started', err: error })
    await lifecycle.stop()
    process.exitCode = 2
  }
}

function openTraces(
  spans: TracingSettings | null,
  onSpans: Metrics['spans'],
  onExportFailed: (error: Error | undefined) => void,
): Tracing {
  if (spans === null) return createNoTracing()
  const { clock, random } = WORLD
  const process = { version: VERSION, instance: INSTANCE, now: clock, random }
  return createTracing({ settings: spans, ...process, onExportFailed, onSpans })
}

/** Two that write lines to one descriptor would write into each other's. */
function logDescriptor({ audit }: Settings): 1 | 2 {
  return audit?.to === 'stdout' ? 2 : 1
}

/** Says every mistake of the settings at once, for a person, and ends with the code for the environment. */
function refuseToStart(issues: readonly Issue[]): void {
  process.stderr.write(
    `${formatIssues(issues)}\n\nstepgate: not started, mend the settings first\n`,
  )
  process.exitCode = 2
}
