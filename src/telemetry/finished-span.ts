import type { Attributes, AttributeValue, Link, SpanContext, SpanKind } from '@opentelemetry/api'
import { isSpanContextValid, SpanStatusCode, TraceFlags } from '@opentelemetry/api'
import { hrTime, hrTimeDuration } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import { RandomIdGenerator, type ReadableSpan } from '@opentelemetry/sdk-trace'

/** Something that is over. Times in milliseconds on the clock of `performance.now`. */
export type Finished = {
  readonly name: string
  readonly kind: SpanKind
  /** Null for the root of a trace of its own. */
  readonly parent: SpanContext | null
  readonly start: number
  readonly end: number
  /** Bounded by whoever sets them; undefined ones are left out. */
  readonly attributes: Attributes
  readonly links?: readonly Link[]
  readonly events?: readonly { readonly name: string; readonly at: number }[]
  /** Present when it failed; the empty text when there is nothing to add. */
  readonly error?: string
}

/** Makes the span of something that is over, and says under which ids. */
export type EmitSpan = (finished: Finished) => SpanContext

/** Whom spans are of, and who takes them. */
export type SpanOrigin = {
  readonly resource: Resource
  readonly version: string
  readonly onEnd: (span: ReadableSpan) => void
}

/**
 * Creates the function. The SDK's own span guards against changes after its end and against odd attributes, which costs as
 * much again as to deliver it; here all is known at once, and comes from us.
 */
export function createEmitSpan({ resource, version, onEnd }: SpanOrigin): EmitSpan {
  const ids = new RandomIdGenerator()
  const instrumentationScope = { name: 'stepgate', version }
  return ({ parent: named, start, end, attributes, links = [], events = [], error, ...rest }) => {
    const parent = named !== null && isSpanContextValid(named) ? named : null
    const context: SpanContext = {
      traceId: parent?.traceId ?? ids.generateTraceId(),
      spanId: ids.generateSpanId(),
      // What is to be exported has been decided before a span is made.
      traceFlags: TraceFlags.SAMPLED,
      ...(parent?.traceState && { traceState: parent.traceState }),
    }
    const [startTime, endTime] = [hrTime(start), hrTime(end)]
    onEnd({
      ...rest,
      spanContext: () => context,
      ...(parent && { parentSpanContext: parent }),
      ...{ startTime, endTime, duration: hrTimeDuration(startTime, endTime), ended: true },
      status: error === undefined ? UNSET : { code: SpanStatusCode.ERROR, message: error },
      attributes: present(attributes),
      links: [...links],
      events: events.map(({ name, at }) => ({ name, time: hrTime(at) })),
      ...{ resource, instrumentationScope },
      ...{ droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0 },
    })
    return context
  }
}

const UNSET = { code: SpanStatusCode.UNSET }

function present(attributes: Attributes): Attributes {
  const found: Record<string, AttributeValue> = {}
  for (const name of Object.keys(attributes)) {
    const value = attributes[name]
    if (value !== undefined) found[name] = value
  }
  return found
}
