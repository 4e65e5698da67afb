import type { AccessRequest } from '../domain/access-request.ts'
import type { Evidence, Indeterminate, RiskReading } from '../domain/decision.ts'
import type { CompiledSignal, RiskModel } from '../policy/compiled-policy.ts'
import type { Verdict } from '../policy/expression/condition.ts'

/** How risk is read: with the signals in shadow or without, and with those that could not be decided or without. */
export type RiskView = { readonly shadow: boolean; readonly certainOnly: boolean }

/** The signals of one request, evaluated when risk is first read; those in shadow apart, when it is read for shadow. */
export type RiskAssessment = {
  /** True when the score reaches the threshold of that name; throws for a name that the policy does not have. */
  readonly atLeast: (level: string, view: RiskView) => boolean
  /** True when some signal counts only because it could not be decided. */
  readonly isUncertain: (view: RiskView) => boolean
  /** What the enforced decision saw; null when risk was never read. */
  readonly reading: () => RiskReading | null
  readonly indeterminate: () => readonly Indeterminate[]
}

type Sensed = { readonly signal: CompiledSignal; readonly verdict: Verdict }

const HIGHEST = 100

/** Opens the risk of one request; `evaluate` gives the verdict of a signal's condition, `evidence` what it saw. */
export function openRisk(
  { signals, levels }: RiskModel,
  request: AccessRequest,
  evaluate: (signal: CompiledSignal) => Verdict,
  evidence: (signal: CompiledSignal) => readonly Evidence[],
): RiskAssessment {
  const sense = (shadow: boolean) => () =>
    signals.flatMap((signal) =>
      signal.shadow === shadow && signal.fits(request)
        ? [{ signal, verdict: evaluate(signal) }]
        : [],
    )
  const enforced = once(sense(false))
  const shadowed = once(sense(true))
  const score = ({ shadow, certainOnly }: RiskView) =>
    total(shadow ? [...enforced.get(), ...shadowed.get()] : enforced.get(), certainOnly)
  return {
    atLeast: (name, view) => {
      const level = levels.find((one) => one.name === name)
      if (!level) throw new Error(`the policy has no risk level \`${name}\``)
      return score(view) >= level.threshold
    },
    isUncertain: ({ shadow }) =>
      [...(enforced.known() ?? []), ...((shadow ? shadowed.known() : null) ?? [])].some(
        isUndecided,
      ),
    reading: () => {
      const sensed = enforced.known()
      if (!sensed) return null
      const points = total(sensed, false)
      const level = levels.findLast(({ threshold }) => points >= threshold)?.name ?? null
      const active = sensed.filter(counts).map(({ signal }) => signal)
      const signals = active.map(({ id }) => id)
      return { score: points, level, signals, evidence: active.flatMap(evidence) }
    },
    indeterminate: () =>
      (enforced.known() ?? []).flatMap(({ signal, verdict }) =>
        typeof verdict === 'boolean' ? [] : [{ rule: signal.id, missing: verdict.missing }],
      ),
  }
}

function total(sensed: readonly Sensed[], certainOnly: boolean): number {
  const active = sensed.filter((one) => counts(one) && !(certainOnly && isUndecided(one)))
  return Math.min(
    HIGHEST,
    active.reduce((sum, { signal }) => sum + signal.score, 0),
  )
}

/** What could not be decided falls to the stricter side: it counts. */
function counts({ verdict }: Sensed): boolean {
  return verdict !== false
}

function isUndecided({ verdict }: Sensed): boolean {
  return typeof verdict !== 'boolean'
}

function once<T>(compute: () => T): { get: () => T; known: () => T | null } {
  let value: { readonly it: T } | null = null
  return {
    get: () => {
      value ??= { it: compute() }
      return value.it
    },
    known: () => value?.it ?? null,
  }
}
