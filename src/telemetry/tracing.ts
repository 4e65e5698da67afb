import { setTimeout as wait } from 'node:timers/promises'
import type { Attributes, SpanContext } from '@opentelemetry/api'
import { INVALID_SPAN_CONTEXT, SpanKind, TraceFlags } from '@opentelemetry/api'
import { defaultResource, type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import type { SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace'
import {
  ATTR_ERROR_TYPE,
  ATTR_SERVICE_INSTANCE_ID,
  ATTR_SERVICE_NAME,
  ATTR_SERVICE_VERSION,
} from '@opentelemetry/semantic-conventions'
import type { AccessRequest } from '../domain/access-request.ts'
import { isPlainAllow } from '../domain/plain-allow.ts'
import { emitDecisionSpan, type SpanPlace, type TimedDecision } from './decision-span.ts'
import { createExporter } from './exporter.ts'
import { createEmitSpan, type EmitSpan } from './finished-span.ts'
import { reportable } from './redact.ts'
import { createSampling } from './sampling.ts'
import { createSpanQueue, type SpanFate } from './span-queue.ts'
import { type Carrier, type Incoming, readTraceContext } from './trace-context.ts'
import type { TracingSettings } from './tracing-settings.ts'

/** Makes spans of what has happened, and sees that they are delivered. */
export type Tracing = {
  /**
   * Makes the span of a decision if it is one to export; `carrier` reads the metadata of the call. The context that log
   * and metrics name: the span's, or else the caller's, or else an invalid one.
   */
  decided(decision: TimedDecision, carrier: Carrier): SpanContext
  /** Makes the span of something that ended just now. */
  happened(operation: Operation): void
  /** Delivers what is queued. Ends within 3 s, whatever the collector does, and never rejects. */
  shutdown(): Promise<void>
}

/** Something besides decisions that took time: a change of the policy, a fetch of keys. */
export type Operation = {
  readonly name: 'stepgate.policy.reload' | 'stepgate.jwks.fetch'
  /** Milliseconds. */
  readonly duration: number
  readonly attributes: Attributes
  /** Null when it went well; `type` is one of few, `message` for the operator. */
  readonly error: { readonly type: string; readonly message: string } | null
}

/** What `createTracing` needs besides the environment's settings. */
export type TracingDeps = {
  readonly settings: TracingSettings
  readonly version: string
  readonly instance: string
  /** Milliseconds on the clock of `performance.now`. */
  readonly now: () => number
  /** From 0 to below 1. */
  readonly random: () => number
  /** Called for each batch of spans that could not be delivered. */
  readonly onExportFailed: (error: Error | undefined) => void
  /** What became of so many spans; `limited` is a decision that was one too many to be kept. */
  readonly onSpans: (fate: SpanFate | 'limited', count: number) => void
}

/** Milliseconds. */
const SHUTDOWN_DEADLINE = 3000

/** Tracing to an OTLP collector. Nothing global is touched, and spans exist only once they are to be exported. */
export function createTracing(deps: TracingDeps): Tracing {
  const { settings, now, random, onSpans, onExportFailed } = deps
  const exporter = createExporter(settings)
  const queue = createSpanQueue(exporter, { onSpans, onFailed: onExportFailed })
  const emit = createEmitSpan({ ...deps, resource: resourceOf(deps), onEnd: queue.onEnd })
  const sampling = createSampling(settings, now, random)
  return {
    decided: (decision, carrier) => {
      const { record } = decision
      const envoys = readTraceContext(carrier)
      const place = placeOf(envoys, record.request)
      const sampled = sampling(envoys, isPlainAllow(record.decision))
      if (sampled === 'sampled' || sampled === 'kept') {
        return emitDecisionSpan(emit, decision, place)
      }
      if (sampled === 'limited') onSpans('limited', 1)
      return place.parent ?? INVALID_SPAN_CONTEXT
    },
    happened: (operation) => emitOperation(emit, operation, now()),
    shutdown: () => withinDeadline(deliver(queue, exporter)),
  }
}

/** No spans of our own; the caller's trace id still reaches log and metrics. */
export function createNoTracing(): Tracing {
  return {
    decided: ({ record }, carrier) =>
      placeOf(readTraceContext(carrier), record.request).parent ?? INVALID_SPAN_CONTEXT,
    happened: () => {},
    shutdown: async () => {},
  }
}

/**
 * Under Envoy's span; without one, under the client's, and beside it where Envoy's is in another trace. What the client
 * says of sampling counts for nothing: anybody can say it.
 */
function placeOf(envoys: Incoming | null, request: AccessRequest | null): SpanPlace {
  const client = request === null ? null : clientsContext(request)
  const parent = envoys?.context ?? null
  if (parent === null || client === null) return { parent: parent ?? client, links: [] }
  return { parent, links: client.traceId === parent.traceId ? [] : [{ context: client }] }
}

/** A header that came twice names no trace (W3C Trace Context §4.3); a client's `tracestate` is not taken over. */
function clientsContext({ headers }: AccessRequest): SpanContext | null {
  if (!TRACE_HEADERS.some((name) => headers.has(name))) return null
  const carrier = (name: string) => {
    const values = name === 'tracestate' ? undefined : headers.get(name)
    return values?.length === 1 ? values[0] : undefined
  }
  const context = readTraceContext(carrier)?.context ?? null
  return context && { ...context, traceFlags: TraceFlags.NONE }
}

/** Those that name a trace; most clients send none. */
const TRACE_HEADERS = ['traceparent', 'b3', 'x-b3-traceid']

const KINDS = {
  'stepgate.policy.reload': SpanKind.INTERNAL,
  'stepgate.jwks.fetch': SpanKind.CLIENT,
}

function emitOperation(
  emit: EmitSpan,
  { name, duration, attributes, error }: Operation,
  end: number,
): void {
  const failure = error === null ? {} : { [ATTR_ERROR_TYPE]: error.type }
  emit({
    ...{ name, kind: KINDS[name], parent: null, start: end - duration, end },
    attributes: { ...attributes, ...failure },
    ...(error !== null && { error: reportable(error.message) }),
  })
}

function resourceOf({ settings, version, instance }: TracingDeps): Resource {
  return defaultResource().merge(
    resourceFromAttributes({
      [ATTR_SERVICE_VERSION]: version,
      [ATTR_SERVICE_INSTANCE_ID]: instance,
      ...settings.resource,
      [ATTR_SERVICE_NAME]: settings.serviceName,
    }),
  )
}

/** The queue gives up at the first batch that fails; the others are still under way and are waited for. */
async function deliver(
  queue: Pick<SpanProcessor, 'shutdown'>,
  exporter: Pick<SpanExporter, 'shutdown'>,
): Promise<void> {
  // A failed delivery has been reported by then, and at the end there is nothing left to do about it.
  await queue.shutdown().catch(() => {})
  await exporter.shutdown()
}

async function withinDeadline(work: Promise<void>): Promise<void> {
  const timer = new AbortController()
  const deadline = wait(SHUTDOWN_DEADLINE, undefined, { signal: timer.signal })
  await Promise.race([work, deadline]).catch(() => {})
  timer.abort()
}
