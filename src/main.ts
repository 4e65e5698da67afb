import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { formatIssues, type Issue } from './domain/issue.ts'
import { createLifecycle, stopOnSignals } from './runtime/lifecycle.ts'
import { startService } from './service/start-service.ts'
import { readSecrets, type Secrets } from './settings/read-secrets.ts'
import { readSettings, type Settings } from './settings/read-settings.ts'
import { createEvents } from './telemetry/events.ts'
import { createLog } from './telemetry/log.ts'
import { type LogLevel, readLogLevel } from './telemetry/log-level.ts'
import { openLogOutput } from './telemetry/log-output.ts'
import { createMetrics } from './telemetry/metrics.ts'
import { createObserver } from './telemetry/observe.ts'
import { createNoTracing, createTracing } from './telemetry/tracing.ts'
import { readTracingSettings, type TracingSettings } from './telemetry/tracing-settings.ts'

const VERSION = '0.1.0'
const env = process.env
const read = readSettings(env, (path) => readFileSync(path))
const sample = read.kind === 'settings' ? read.settings.telemetry.traces.sample : 1
const tracing = readTracingSettings(env, sample)
const logLevel = readLogLevel(env)
const secrets =
  read.kind === 'settings' ? readSecrets(read.settings, env, (path) => readFileSync(path)) : null

if (read.kind === 'settings' && secrets?.kind === 'secrets' && tracing.ok && logLevel.ok)
  await run(read.settings, secrets.secrets, tracing.settings, logLevel.level)
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
  spans: TracingSettings | null,
  level: LogLevel,
): Promise<void> {
  const metrics = createMetrics({ process: true })
  const output = openLogOutput(1, () => metrics.reportLost('log'))
  const log = createLog(level, output)
  const now = Date.now
  const clock = () => performance.now()
  const events = createEvents({ log, metrics, now })
  const lifecycle = createLifecycle(({ name, reason }) =>
    log.error({ event: 'not-stopped', part: name, reason }),
  )
  lifecycle.started({ name: 'log', stop: output.flush, deadline: 1000 })
  const traces = spans
    ? createTracing({
        settings: spans,
        version: VERSION,
        instance: randomUUID(),
        onExportFailed: events.exportFailed,
      })
    : createNoTracing()
  lifecycle.started({ name: 'traces', stop: traces.shutdown, deadline: 3500 })
  stopOnSignals(process, lifecycle, events.stopping, clock)
  const observe = createObserver({ tracing: traces, metrics, log, now: clock })
  const world = { fetch, now, clock, random: Math.random, newDecisionId: randomUUID }
  await startService({ settings, secrets, lifecycle, events, metrics, observe, ...world }).catch(
    async (error: unknown) => {
      log.fatal({ event: 'not-started', err: error })
      await lifecycle.stop()
      process.exitCode = 2
    },
  )
}

/** Says every mistake of the settings at once, for a person, and ends with the code for the environment. */
function refuseToStart(issues: readonly Issue[]): void {
  process.stderr.write(
    `${formatIssues(issues)}\n\nstepgate: not started, mend the settings first\n`,
  )
  process.exitCode = 2
}
