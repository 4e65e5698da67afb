import { ExportResultCode } from '@opentelemetry/core'
import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace'
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace'

/** What becomes of spans: handed over, lost with a batch that could not be, or dropped because too many wait. */
export type SpanFate = 'exported' | 'failed' | 'dropped'

/** Whom a queue tells. */
export type SpanQueueEvents = {
  readonly onSpans: (fate: SpanFate, count: number) => void
  readonly onFailed: (error: Error | undefined) => void
}

/** Small batches, because each is serialised in one go on the thread that decides. */
const BATCH = { maxExportBatchSize: 128, scheduledDelayMillis: 1000 }

/** Spans that wait or are under way. */
const CAPACITY = 8192

/**
 * Batches spans for an exporter. The bound covers what is under way too, so that nothing is lost uncounted: the
 * processor of the SDK drops without a word, and keeps failures to itself.
 */
export function createSpanQueue(exporter: SpanExporter, events: SpanQueueEvents): SpanProcessor {
  let pending = 0
  const watched: SpanExporter = {
    export: (spans, done) => {
      exporter.export(spans, (result) => {
        pending -= spans.length
        const failed = result.code === ExportResultCode.FAILED
        events.onSpans(failed ? 'failed' : 'exported', spans.length)
        if (failed) events.onFailed(result.error)
        done(result)
      })
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  }
  const batches = new BatchSpanProcessor({ ...BATCH, maxQueueSize: CAPACITY, exporter: watched })
  return {
    onStart: () => {},
    onEnd: (span: ReadableSpan) => {
      if (pending >= CAPACITY) return events.onSpans('dropped', 1)
      pending++
      batches.onEnd(span)
    },
    forceFlush: () => batches.forceFlush(),
    shutdown: () => batches.shutdown(),
  }
}
