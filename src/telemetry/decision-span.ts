import type { Link, SpanContext, Tracer } from '@opentelemetry/api'
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { DecisionRecord, Stage } from '../domain/decision-record.ts'
import { spanAttributes } from './span-attributes.ts'

/** A decision with its times, all on the clock of `performance.now`. */
export type TimedDecision = {
  readonly record: DecisionRecord
  readonly start: number
  readonly end: number
  readonly stages: readonly PassedStage[]
}

/** When a stage was completed. */
export type PassedStage = { readonly stage: Stage; readonly at: number }

/** Where a span belongs: under its parent, or at the root of a trace of its own. */
export type SpanPlace = { readonly parent: SpanContext | null; readonly links: readonly Link[] }

/**
 * Makes and ends the span of a decision, in one go, once everything is known. A stage is an event of it; waiting for
 * facts over the network is a span below it.
 */
export function emitDecisionSpan(
  tracer: Tracer,
  { record, start, end, stages }: TimedDecision,
  { parent, links }: SpanPlace,
): SpanContext {
  const span = tracer.startSpan(
    'stepgate.decide',
    {
      kind: SpanKind.SERVER,
      startTime: start,
      attributes: spanAttributes(record),
      links: [...links],
    },
    parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent),
  )
  let before = start
  for (const { stage, at } of stages) {
    if (stage === 'fetched') emitWait(tracer, span.spanContext(), before, at)
    else span.addEvent(stage, at)
    before = at
  }
  // A refusal is an answer: only our own failure is an error.
  if (record.decision.outcome === 'fault') span.setStatus({ code: SpanStatusCode.ERROR })
  span.end(end)
  return span.spanContext()
}

function emitWait(tracer: Tracer, parent: SpanContext, from: number, to: number): void {
  const options = { kind: SpanKind.CLIENT, startTime: from }
  const below = trace.setSpanContext(ROOT_CONTEXT, parent)
  tracer.startSpan('stepgate.facts.fetch', options, below).end(to)
}
