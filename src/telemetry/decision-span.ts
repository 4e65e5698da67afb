import type { Link, SpanContext } from '@opentelemetry/api'
import { SpanKind } from '@opentelemetry/api'
import type { DecisionRecord, Stage } from '../domain/decision-record.ts'
import type { EmitSpan } from './finished-span.ts'
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
 * Makes the span of a decision, in one go, once everything is known. A stage is an event of it; waiting for facts over
 * the network is a span below it.
 */
export function emitDecisionSpan(
  emit: EmitSpan,
  { record, start, end, stages }: TimedDecision,
  place: SpanPlace,
): SpanContext {
  const passed = stages.filter(({ stage }) => stage !== 'fetched')
  const context = emit({
    ...place,
    ...{ name: 'stepgate.decide', kind: SpanKind.SERVER, start, end },
    attributes: spanAttributes(record),
    events: passed.map(({ stage, at }) => ({ name: stage, at })),
    // A refusal is an answer: only our own failure is an error.
    ...(record.decision.outcome === 'fault' && { error: '' }),
  })
  if (passed.length < stages.length) emitWaits(emit, context, start, stages)
  return context
}

function emitWaits(
  emit: EmitSpan,
  parent: SpanContext,
  start: number,
  stages: readonly PassedStage[],
): void {
  for (const [index, { stage, at }] of stages.entries()) {
    if (stage !== 'fetched') continue
    const name = 'stepgate.facts.fetch'
    const from = stages[index - 1]?.at ?? start
    emit({ name, kind: SpanKind.CLIENT, parent, start: from, end: at, attributes: {} })
  }
}
