import { compileInputs, onlyOne, type PolicyFile, type ReadList } from './compile-definitions.ts'
import { compileLadder } from './compile-ladder.ts'
import { compileRiskLevels, compileSignals } from './compile-risk.ts'
import { compileRules } from './compile-rules.ts'
import { compileScopes, isBounded, type Scopes } from './compile-scopes.ts'
import type { CompiledPolicy, CompiledRule, CompiledSignal } from './compiled-policy.ts'
import { createEnvironment } from './expression/environment.ts'
import { guardedKinds } from './fact-groups.ts'
import { createRuleIndex } from './match/rule-index.ts'

/** What the service knows and a policy refers to. */
export type PolicyContext = {
  /** Names of the configured issuers. */
  readonly issuers: readonly string[]
  /** False when nobody tells the service of revoked sessions and the like; absent when that is not known. */
  readonly sharedSignals?: boolean | undefined
  /** Names this state of the files, so that answers can say which policy gave them. */
  readonly revision: string
  /** ISO date of today, to warn of exceptions that are over; without it nothing is. */
  readonly today?: string
  /** Reads the lists that networks name; without it such a network is an error. */
  readonly readList?: ReadList
  /** True for documents whose mistakes have been told: rules are not compared with each other again. */
  readonly isChecked?: boolean
}

/**
 * Compiles files of the right shape, a rule or so a step, for a thread that has requests to answer meanwhile.
 * Mistakes of meaning go to the files' reporters.
 */
export function* compile(
  files: readonly PolicyFile[],
  context: PolicyContext,
): Generator<void, CompiledPolicy> {
  for (const file of files) checkBounded(file)
  const assurance = onlyOne(files, 'assurance')
  const ladder = assurance
    ? compileLadder(assurance.written, context.issuers, assurance.report)
    : []
  const inputs = compileInputs(files)
  const levels = compileRiskLevels(files)
  const scopes = compileScopes(files, {
    base: createEnvironment(inputs.body, inputs.claims),
    inputs,
    levels: ladder.map((level) => level.name),
    riskLevels: levels.map((level) => level.name),
    readList: context.readList ?? noLists,
    today: context.today ?? '',
  })
  yield
  const ids = new Set<string>()
  const { sharedSignals } = context
  const signals = compileSignals(files, { scopes, ids, sharedSignals })
  const rules = yield* compileRules(files, {
    ladder,
    scopes,
    ids,
    sharedSignals,
    isChecked: context.isChecked ?? false,
  })
  const index = yield* createRuleIndex(rules)
  return {
    revision: context.revision,
    files: files.map(({ report }) => report.file),
    ladder,
    inputs,
    rules,
    index,
    risk: { signals, levels },
    common: scopes.common,
    counters: allCounters(scopes),
    guards: guardsOf([...rules, ...signals]),
    hasShadow: [...rules, ...signals].some((one) => one.shadow),
    replaced: new Set(
      rules.flatMap(({ shadow, replaces }) => (shadow && replaces !== null ? [replaces] : [])),
    ),
  }
}

/** A bounded file sees the counters of all beside its own: each counts once. */
function allCounters({ all }: Scopes): CompiledPolicy['counters'] {
  const counters = new Map<string, CompiledPolicy['counters'][number]>()
  for (const scope of all) {
    for (const counter of scope.counters.values()) {
      if (!counters.has(counter.id)) counters.set(counter.id, { scope, counter })
    }
  }
  return [...counters.values()]
}

function guardsOf(all: readonly (CompiledRule | CompiledSignal)[]): CompiledPolicy['guards'] {
  const enforced = all.filter(({ shadow }) => !shadow)
  const kinds = [...new Set(enforced.flatMap(({ facts }) => guardedKinds(facts)))]
  return new Map(
    kinds.map((kind) => [kind, enforced.filter(({ facts }) => guardedKinds(facts).includes(kind))]),
  )
}

/** What holds for everybody cannot stand in a file that is bounded to a part. */
function checkBounded(file: PolicyFile): void {
  if (!isBounded(file)) return
  const { document, report } = file
  for (const section of ['assurance', 'inputs', 'signals', 'risk'] as const) {
    if (document[section] === undefined) continue
    report
      .at(section)
      .keyError(
        'not-in-bounded-file',
        `\`${section}\` holds for everybody`,
        'move it to a file without `bounds`',
      )
  }
}

const noLists: ReadList = () => ({ problem: 'there is no file system here' })
