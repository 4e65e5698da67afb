import { ROOT_CONTEXT } from '@opentelemetry/api'
import { SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace'
import type { Incoming } from './trace-context.ts'
import type { SamplerName } from './tracing-settings.ts'

/** Which spans are exported: those of the sampler, and so many others that tell of more than a plain allow. */
export type SamplingSettings = {
  readonly sampler: SamplerName
  /** 0 to 1, for the samplers that take one. */
  readonly ratio: number
  /** A second, of those that the sampler leaves out; 0 keeps none. */
  readonly keptPerSecond: number
}

/** Why a span is exported, or is not: left out by the sampler, or one too many in this second. */
export type Sampled = 'sampled' | 'kept' | 'unsampled' | 'limited'

/**
 * Says after a decision whether its span is exported. `trusted` is the caller's trace where its word on sampling
 * counts, and null where it does not or there is none.
 */
export type Sampling = (trusted: Incoming | null, isPlain: boolean) => Sampled

/** Creates the function; `now` in milliseconds, `random` from 0 to below 1. */
export function createSampling(
  settings: SamplingSettings,
  now: () => number,
  random: () => number,
): Sampling {
  const sampler = createSampler(settings, random)
  const { keptPerSecond } = settings
  const mayKeep = createAllowance(keptPerSecond, now)
  return (trusted, isPlain) => {
    if (sampler(trusted)) return 'sampled'
    if (isPlain || keptPerSecond === 0) return 'unsampled'
    return mayKeep() ? 'kept' : 'limited'
  }
}

function createSampler(
  { sampler, ratio }: SamplingSettings,
  random: () => number,
): (trusted: Incoming | null) => boolean {
  const isChosen = chooseByRatio(ratio, random)
  switch (sampler) {
    case 'always_on':
      return () => true
    case 'always_off':
      return () => false
    case 'traceidratio':
      return isChosen
    case 'parentbased_always_on':
      return (trusted) => trusted?.sampled ?? true
    case 'parentbased_always_off':
      return (trusted) => trusted?.sampled ?? false
    case 'parentbased_traceidratio':
      return (trusted) => trusted?.sampled ?? isChosen(trusted)
  }
}

/** By the trace id where that is given, so that every service of the trace comes to the same; else by chance. */
function chooseByRatio(ratio: number, random: () => number): (trusted: Incoming | null) => boolean {
  const byTraceId = new TraceIdRatioBasedSampler(ratio)
  return (trusted) => {
    const traceId = trusted?.context?.traceId
    if (traceId === undefined) return random() < ratio
    const { decision } = byTraceId.shouldSample(ROOT_CONTEXT, traceId)
    return decision === SamplingDecision.RECORD_AND_SAMPLED
  }
}

/** Says yes so many times a second, and never more than a second's worth at once. */
function createAllowance(perSecond: number, now: () => number): () => boolean {
  let left = perSecond
  let last = now()
  return () => {
    const time = now()
    left = Math.min(perSecond, left + ((time - last) * perSecond) / 1000)
    last = time
    if (left < 1) return false
    left--
    return true
  }
}
