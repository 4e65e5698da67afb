import { join } from 'node:path'

/** A service that is watched in one way. */
export type Watched = {
  readonly name: string
  readonly program?: string
  readonly flags?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

/**
 * From nobody watching to everything: the first is what the others are compared with. `sink` takes the spans, `folder`
 * the audit records; `flags` are for the processes that a profile is asked of.
 */
export function watched(
  sink: string,
  folder: string,
  flags: readonly string[],
): readonly Watched[] {
  const spans = (sample: number) => ({
    OTEL_EXPORTER_OTLP_ENDPOINT: sink,
    STEPGATE_TELEMETRY_TRACES_SAMPLE: String(sample),
  })
  const audit = (name: string) => ({
    STEPGATE_AUDIT_TO: join(folder, `${name}.jsonl`),
    STEPGATE_AUDIT_PSEUDONYM_KEY: 'env:BENCH_PSEUDONYM_KEY',
    STEPGATE_AUDIT_POLICIES_FOLDER: join(folder, name),
    BENCH_PSEUDONYM_KEY: '00'.repeat(32),
  })
  return [
    { name: 'nothing', program: 'bench/unwatched.ts' },
    { name: 'metrics, log' },
    { name: 'metrics, log, 10 % traced', env: spans(0.1) },
    { name: 'metrics, log, all traced', env: spans(1), flags },
    { name: 'metrics, log, 10 % traced, audit', env: { ...spans(0.1), ...audit('some') } },
    { name: 'metrics, log, all traced, audit', env: { ...spans(1), ...audit('all') } },
  ]
}
