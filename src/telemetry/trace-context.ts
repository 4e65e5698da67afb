import type { SpanContext } from '@opentelemetry/api'
import { TraceFlags } from '@opentelemetry/api'
import { parseTraceParent, TraceState } from '@opentelemetry/core'

/** Reads one header or entry of gRPC metadata, by its lower-case name. */
export type Carrier = (name: string) => string | undefined

/** The trace that a caller is in. */
export type Incoming = {
  /** The caller's span; null where only a wish about sampling came. */
  readonly context: SpanContext | null
  /** Whether the caller records it; null when it leaves that to us. */
  readonly sampled: boolean | null
}

/**
 * The trace that the carrier names: W3C Trace Context (level 1, §3.2), or else B3, as one header or as several. Null
 * when there is none that is valid.
 */
export function readTraceContext(carrier: Carrier): Incoming | null {
  return readW3c(carrier) ?? readB3(carrier('b3')) ?? readB3Headers(carrier)
}

function readW3c(carrier: Carrier): Incoming | null {
  const traceparent = carrier('traceparent')
  const parsed = traceparent === undefined ? null : parseTraceParent(traceparent)
  if (parsed === null) return null
  const tracestate = carrier('tracestate')
  const context = { ...parsed, isRemote: true }
  return {
    context: tracestate ? { ...context, traceState: new TraceState(tracestate) } : context,
    sampled: (parsed.traceFlags & TraceFlags.SAMPLED) !== 0,
  }
}

/** `{trace id}-{span id}-{sampled}-{parent span id}`, the last two optional, or `{sampled}` alone. */
const B3 =
  /^(?:(?<trace>[\da-f]{16}|[\da-f]{32})-(?<span>[\da-f]{16})(?:-(?<state>[01d])(?:-[\da-f]{16})?)?|(?<only>[01d]))$/

function readB3(header: string | undefined): Incoming | null {
  const groups = header === undefined ? undefined : B3.exec(header)?.groups
  if (groups === undefined) return null
  const { trace, span, state = groups.only } = groups
  const sampled = state === undefined ? null : state !== '0'
  if (trace === undefined || span === undefined) return { context: null, sampled }
  return b3Context(trace, span, sampled)
}

const TRACE = /^(?:[\da-f]{16}|[\da-f]{32})$/
const SPAN = /^[\da-f]{16}$/

function readB3Headers(carrier: Carrier): Incoming | null {
  const trace = carrier('x-b3-traceid')
  const sampled = b3Sampled(carrier)
  if (trace === undefined) return sampled === null ? null : { context: null, sampled }
  const span = carrier('x-b3-spanid') ?? ''
  return TRACE.test(trace) && SPAN.test(span) ? b3Context(trace, span, sampled) : null
}

/** `true` and `false` are what early senders wrote. */
const SAMPLED: ReadonlyMap<string | undefined, boolean> = new Map([
  ['1', true],
  ['true', true],
  ['0', false],
  ['false', false],
])

function b3Sampled(carrier: Carrier): boolean | null {
  if (carrier('x-b3-flags') === '1') return true
  return SAMPLED.get(carrier('x-b3-sampled')) ?? null
}

const NOTHING = /^0+$/

function b3Context(trace: string, spanId: string, sampled: boolean | null): Incoming | null {
  if (NOTHING.test(trace) || NOTHING.test(spanId)) return null
  const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE
  const traceId = trace.padStart(32, '0')
  return { context: { traceId, spanId, traceFlags, isRemote: true }, sampled }
}
