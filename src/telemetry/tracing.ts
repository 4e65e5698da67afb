import { setTimeout as wait } from 'node:timers/promises'
import type { Span, SpanContext, TextMapGetter } from '@opentelemetry/api'
import { INVALID_SPAN_CONTEXT, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api'
import { ExportResultCode, W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import type { Sampler, SpanExporter } from '@opentelemetry/sdk-trace'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import {
  ATTR_RPC_METHOD,
  ATTR_RPC_SYSTEM_NAME,
  ATTR_SERVICE_INSTANCE_ID,
  ATTR_SERVICE_NAME,
  ATTR_SERVICE_VERSION,
  RPC_SYSTEM_NAME_VALUE_GRPC,
} from '@opentelemetry/semantic-conventions'
import type { SamplerName, TracingSettings } from './tracing-settings.ts'

/** Reads one entry of the gRPC metadata, by its lower-case name. */
export type Carrier = (name: string) => string | undefined

/** Starts the spans of decisions and sees that they are delivered. */
export type Tracing = {
  /** Starts `stepgate.decide` as the child of the context in `carrier`; `at` is on the clock of `performance.now`. */
  start(carrier: Carrier, at: number): Span
  /** Delivers what is queued. Ends within 3 s, whatever the collector does, and never rejects. */
  shutdown(): Promise<void>
}

/** What `createTracing` needs besides the environment's settings. */
export type TracingDeps = {
  readonly settings: TracingSettings
  readonly version: string
  readonly instance: string
  /** Called for each batch of spans that could not be delivered. */
  readonly onExportFailed: (error: Error | undefined) => void
}

/** Small batches, because each is serialised in one go on the thread that decides. */
const BATCH = { maxExportBatchSize: 128, scheduledDelayMillis: 1000, maxQueueSize: 8192 }

/** Milliseconds. */
const SHUTDOWN_DEADLINE = 3000

/** Stable RPC semantic conventions (1.45): the method is the full name. */
const SPAN_ATTRIBUTES = {
  [ATTR_RPC_SYSTEM_NAME]: RPC_SYSTEM_NAME_VALUE_GRPC,
  [ATTR_RPC_METHOD]: 'envoy.service.auth.v3.Authorization/Check',
}

const propagator = new W3CTraceContextPropagator()

const getter: TextMapGetter<Carrier> = { get: (carrier, name) => carrier(name), keys: () => [] }

/** Tracing to an OTLP collector over HTTP with protobuf. Nothing global is touched. */
export function createTracing(deps: TracingDeps): Tracing {
  const exporter = createExporter(deps)
  const provider = createProvider(deps, exporter)
  const tracer = provider.getTracer('stepgate', deps.version)
  return {
    start: (carrier, at) => {
      const parent = propagator.extract(ROOT_CONTEXT, carrier, getter)
      const options = { kind: SpanKind.SERVER, startTime: at, attributes: SPAN_ATTRIBUTES }
      return tracer.startSpan('stepgate.decide', options, parent)
    },
    shutdown: () => withinDeadline(deliver(provider, exporter)),
  }
}

/** No spans of our own; Envoy's trace id still reaches log and metrics. */
export function createNoTracing(): Tracing {
  return {
    start: (carrier) => trace.wrapSpanContext(incomingContext(carrier)),
    shutdown: async () => {},
  }
}

function incomingContext(carrier: Carrier): SpanContext {
  const parent = propagator.extract(ROOT_CONTEXT, carrier, getter)
  return trace.getSpanContext(parent) ?? INVALID_SPAN_CONTEXT
}

function createExporter({ settings, onExportFailed }: TracingDeps): SpanExporter {
  const { url, headers, timeout } = settings
  return watchExports(
    new OTLPTraceExporter({ url, headers, timeoutMillis: timeout }),
    onExportFailed,
  )
}

function createProvider(
  { settings, version, instance }: TracingDeps,
  exporter: SpanExporter,
): TracerProvider {
  return new TracerProvider({
    sampler: createSampler(settings.sampler, settings.ratio),
    resource: defaultResource().merge(
      resourceFromAttributes({
        [ATTR_SERVICE_VERSION]: version,
        [ATTR_SERVICE_INSTANCE_ID]: instance,
        ...settings.resource,
        [ATTR_SERVICE_NAME]: settings.serviceName,
      }),
    ),
    spanLimits: { attributeValueLengthLimit: 4096 },
    spanProcessors: [new BatchSpanProcessor({ ...BATCH, exporter })],
  })
}

function createSampler(name: SamplerName, ratio: number): Sampler {
  switch (name) {
    case 'always_on':
      return new AlwaysOnSampler()
    case 'always_off':
      return new AlwaysOffSampler()
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio)
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() })
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() })
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) })
  }
}

/** The processor keeps failures to itself, so they are seen here. */
function watchExports(
  exporter: SpanExporter,
  onFailed: (error: Error | undefined) => void,
): SpanExporter {
  return {
    export: (spans, done) => {
      exporter.export(spans, (result) => {
        if (result.code === ExportResultCode.FAILED) onFailed(result.error)
        done(result)
      })
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  }
}

/** The provider gives up at the first batch that fails; the others are still under way and are waited for. */
async function deliver(provider: TracerProvider, exporter: SpanExporter): Promise<void> {
  // A failed delivery has been reported by then, and at the end there is nothing left to do about it.
  await provider.shutdown().catch(() => {})
  await exporter.shutdown()
}

async function withinDeadline(work: Promise<void>): Promise<void> {
  const timer = new AbortController()
  const deadline = wait(SHUTDOWN_DEADLINE, undefined, { signal: timer.signal })
  await Promise.race([work, deadline]).catch(() => {})
  timer.abort()
}
