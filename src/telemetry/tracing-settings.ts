import type { Issue } from '../domain/issue.ts'
import {
  checkCertificates,
  checkCompression,
  type Read,
  type ReadFile,
  readHeaders,
  specific,
  type Wrong,
} from './export-variables.ts'
import type { ExportSettings } from './exporter.ts'
import { parseResourceAttributes } from './resource-attributes.ts'

/** Names to values, as a process gets them; an empty value counts as unset (OpenTelemetry specification). */
export type Environment = Readonly<Record<string, string | undefined>>

/** The samplers of `OTEL_TRACES_SAMPLER`. */
const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

type Protocol = ExportSettings['protocol']

/** Those of `OTEL_EXPORTER_OTLP_PROTOCOL` that are spoken here. */
const PROTOCOLS: readonly Protocol[] = ['http/protobuf', 'grpc']

/** How many spans, as the service's settings have it. */
export type TraceShare = { readonly sample: number; readonly kept_per_second: number }

/** One of the names that `OTEL_TRACES_SAMPLER` knows. */
export type SamplerName = (typeof SAMPLERS)[number]

/** Where spans go, how many, and what names their source. */
export type TracingSettings = ExportSettings & {
  readonly sampler: SamplerName
  /** 0 to 1, of the traces that start here. */
  readonly ratio: number
  /** A second, of the decisions that the sampler leaves out and that are no plain allow. */
  readonly keptPerSecond: number
  readonly serviceName: string
  readonly resource: Readonly<Record<string, string>>
}

/** `settings` is null when tracing is off, which is the default. `warnings` are about variables that are ignored. */
export type TracingSettingsResult =
  | {
      readonly ok: true
      readonly settings: TracingSettings | null
      readonly warnings: readonly Issue[]
    }
  | { readonly ok: false; readonly issues: readonly Issue[] }

/** Below the 3 s that a shutdown waits, so that a dead collector holds nothing past it. */
const EXPORT_TIMEOUT = 2500

/**
 * Reads the `OTEL_*` variables (OpenTelemetry: General SDK and OTLP exporter configuration). Tracing is on when an
 * endpoint is set. `sample` is the ratio used where no sampler is named, and `keptPerSecond` has no variable. Certificates and compression are read by
 * the exporter itself, and checked here, since it goes on without them.
 */
export function readTracingSettings(
  env: Environment,
  { sample, kept_per_second: keptPerSecond }: TraceShare,
  readFile: ReadFile,
): TracingSettingsResult {
  const read = (name: string) => env[name]?.trim() || undefined
  if (!enabled(read)) return { ok: true, settings: null, warnings: [] }
  const [issues, warnings]: [Issue[], Issue[]] = [[], []]
  const wrong = (name: string, problem: string, hint: string) => {
    issues.push(environmentIssue('error', `${name} ${problem}`, hint))
  }
  const ignored = (name: string, problem: string, hint: string) => {
    warnings.push(environmentIssue('warning', `${name} ${problem}`, hint))
  }
  checkCompression(read, ignored)
  checkCertificates(read, wrong, readFile)
  checkExporter(read, wrong)
  const protocol = protocolOf(read, wrong)
  const settings: TracingSettings = {
    protocol,
    url: endpoint(read, wrong, protocol),
    headers: readHeaders(read, wrong),
    timeout: timeout(read, wrong),
    ...sampling(read, wrong, sample),
    keptPerSecond,
    ...resource(read, wrong),
  }
  return issues.length > 0 ? { ok: false, issues } : { ok: true, settings, warnings }
}

function enabled(read: Read): boolean {
  if (read('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return false
  if (read('OTEL_TRACES_EXPORTER') === 'none') return false
  return endpointName(read) !== undefined
}

function endpointName(read: Read): string | undefined {
  return specific(read, 'ENDPOINT')
}

function checkExporter(read: Read, wrong: Wrong): void {
  const exporter = read('OTEL_TRACES_EXPORTER') ?? 'otlp'
  if (exporter !== 'otlp')
    wrong('OTEL_TRACES_EXPORTER', 'names an unknown exporter', 'otlp or none')
}

function protocolOf(read: Read, wrong: Wrong): Protocol {
  const name = specific(read, 'PROTOCOL')
  const named = name === undefined ? 'http/protobuf' : read(name)
  const known = PROTOCOLS.find((protocol) => protocol === named)
  if (known === undefined) {
    const hint = 'http/protobuf, usually on port 4318, or grpc, usually on port 4317'
    wrong(name ?? '', 'names a protocol that is not spoken here', hint)
  }
  return known ?? 'http/protobuf'
}

function endpoint(read: Read, wrong: Wrong, protocol: Protocol): string {
  const name = endpointName(read) ?? ''
  const url = URL.parse(read(name) ?? '')
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    wrong(name, 'is not an http or https URL', 'such as http://127.0.0.1:4318')
    return ''
  }
  if (protocol === 'grpc') return url.origin
  // Only the general variable is a base: the one for traces is used as it stands.
  if (name === 'OTEL_EXPORTER_OTLP_ENDPOINT') {
    url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/traces`
  }
  return url.href
}

function timeout(read: Read, wrong: Wrong): number {
  const name = specific(read, 'TIMEOUT')
  if (name === undefined) return EXPORT_TIMEOUT
  const value = Number(read(name))
  if (!(value > 0 && value <= 60_000)) wrong(name, 'is not a time-out', 'milliseconds, 1 to 60000')
  return value
}

function sampling(
  read: Read,
  wrong: Wrong,
  sample: number,
): Pick<TracingSettings, 'sampler' | 'ratio'> {
  const name = read('OTEL_TRACES_SAMPLER')
  if (name === undefined) return { sampler: 'parentbased_traceidratio', ratio: sample }
  const sampler = SAMPLERS.find((known) => known === name)
  if (sampler === undefined) {
    wrong('OTEL_TRACES_SAMPLER', 'names an unknown sampler', SAMPLERS.join(', '))
    return { sampler: 'always_off', ratio: 0 }
  }
  // The specification's default for a sampler that is named without its argument.
  const ratio = Number(read('OTEL_TRACES_SAMPLER_ARG') ?? 1)
  if (sampler.endsWith('traceidratio') && !(ratio >= 0 && ratio <= 1)) {
    wrong('OTEL_TRACES_SAMPLER_ARG', 'is not a ratio', 'a number from 0 to 1')
  }
  return { sampler, ratio }
}

function resource(read: Read, wrong: Wrong): Pick<TracingSettings, 'serviceName' | 'resource'> {
  const attributes = parseResourceAttributes(read('OTEL_RESOURCE_ATTRIBUTES') ?? '')
  if (attributes === null) {
    const hint = 'key=value pairs, comma-separated, each part percent-encoded'
    wrong('OTEL_RESOURCE_ATTRIBUTES', 'is malformed', hint)
  }
  const fallback = attributes?.['service.name'] ?? 'stepgate'
  return { serviceName: read('OTEL_SERVICE_NAME') ?? fallback, resource: attributes ?? {} }
}

function environmentIssue(severity: Issue['severity'], message: string, hint: string): Issue {
  const place = { file: 'environment', line: 0, column: 1, source: '', length: 1 }
  return { severity, code: 'invalid-environment', message, hint, ...place }
}
