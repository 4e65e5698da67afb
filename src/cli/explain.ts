import type { Decision } from '../domain/decision.ts'
import { challengeHeader } from '../envoy/challenge.ts'
import type { CompiledPolicy } from '../policy/compiled-policy.ts'
import { decideScenario } from '../scenario/decide-scenario.ts'
import { type Explanation, explainScenario } from '../scenario/explain.ts'
import { neededToPass } from '../scenario/needed.ts'
import { readSituation } from '../scenario/read-tests.ts'
import { buildScenario, type Scenario } from '../scenario/scenario.ts'
import { type PartialSituation, situationSchema } from '../scenario/scenario-schema.ts'
import { explanationJson } from './explain-json.ts'
import { explanationText } from './explain-text.ts'
import { paintIssues } from './issue-text.ts'
import { loadFiles, policyPaths } from './load.ts'
import { painter } from './paint.ts'
import { readSource } from './read-source.ts'
import { type CliSettings, usableSettings } from './settings.ts'
import { type SituationOptions, situationOf } from './situation.ts'
import { type CliWorld, type ExitCode, UsageError } from './world.ts'

/** Options of `stepgate explain`. */
export type ExplainOptions = SituationOptions & {
  readonly config?: string
  readonly request?: string
  readonly audit?: readonly string[]
  readonly policy?: readonly string[]
  /** Also rules that miss by much. */
  readonly all?: boolean
  readonly format: 'text' | 'json'
}

/** All that there is to say about one made-up request. */
export type Explained = {
  readonly situation: PartialSituation
  readonly scenario: Exclude<Scenario, { kind: 'mistake' }>
  readonly decision: Decision
  /** Null when no rule was asked. */
  readonly explanation: Explanation | null
  /** What would be sent as `WWW-Authenticate`. */
  readonly challenge: string | null
  readonly needed: readonly string[]
}

/** `stepgate explain`: decides one made-up request and says why, rule by rule. */
export async function explain(options: ExplainOptions, world: CliWorld): Promise<ExitCode> {
  if (options.audit !== undefined)
    throw new UsageError('name the decision: stepgate explain DECISION_ID --audit FILE')
  if (options.path === undefined && options.request === undefined)
    throw new UsageError('name the request: --method and --path, or --request FILE')
  const settings = usableSettings(options.config, world)
  const file = options.request === undefined ? {} : situationIn(options.request, world)
  const situation = situationOf(options, file, world.now())
  const loaded = await loadFiles(policyPaths(options.policy ?? [], settings), settings, world)
  if (loaded.policy === null) {
    world.err(`${paintIssues(loaded.issues, painter(world))}\n`)
    return loaded.unreadable ? 2 : 1
  }
  const explained = explainSituation(loaded.policy, situation, settings)
  world.out(
    options.format === 'json'
      ? explanationJson(explained)
      : explanationText(explained, { all: options.all ?? false, paint: painter(world) }),
  )
  return 0
}

function explainSituation(
  policy: CompiledPolicy,
  situation: PartialSituation,
  settings: CliSettings,
): Explained {
  const scenario = possible(situation, policy)
  const decision = decideScenario(policy, scenario)
  const asked = scenario.kind === 'scenario' && scenario.identity.kind !== 'rejected'
  const explanation = asked ? explainScenario(policy, scenario) : null
  const identity =
    scenario.kind === 'scenario' ? scenario.identity : ({ kind: 'anonymous' } as const)
  const needed = neededToPass({ decision, rules: explanation?.rules ?? [] }, identity)
  const realm = settings.kind === 'settings' ? settings.settings.challenge.realm : null
  return {
    situation,
    scenario,
    decision,
    explanation,
    challenge: headerOf(decision, realm),
    needed,
  }
}

function possible(situation: PartialSituation, { ladder }: CompiledPolicy): Explained['scenario'] {
  const checked = situationSchema.partial().safeParse(situation)
  if (!checked.success) {
    const [issue] = checked.error.issues
    throw new UsageError(`${issue?.path.join('.')}: ${issue?.message}`)
  }
  const scenario = buildScenario(situation, ladder)
  if (scenario.kind === 'mistake') throw new UsageError(scenario.message)
  return scenario
}

function headerOf(decision: Decision, realm: string | null): string | null {
  const challenged = decision.outcome === 'step_up' || decision.outcome === 'unauthenticated'
  return challenged ? challengeHeader(decision, realm) : null
}

function situationIn(path: string, world: CliWorld): PartialSituation {
  const read = readSource(path, readSituation)
  if (read.ok) return read.value
  world.err(`${paintIssues(read.issues, painter(world))}\n\n`)
  throw new UsageError(`${path} is no made-up request`)
}
