import { decide } from '../../src/decision/decide.ts'
import { selectCandidates } from '../../src/decision/select.ts'
import { formatIssues } from '../../src/domain/issue.ts'
import type { CompiledPolicy } from '../../src/policy/compiled-policy.ts'
import { loadPolicy } from '../../src/policy/load.ts'
import { buildScenario, type Scenario } from '../../src/scenario/scenario.ts'
import { CALLER, LEVEL, type MadeRequest, type MadeRule, type Test } from './made-policy.ts'

/** A request that is ready to decide. */
export type ReadyRequest = Extract<Scenario, { kind: 'scenario' }>

/** The made-up rules as an author would write them. */
export function policyText(rules: readonly MadeRule[]): string {
  return [HEAD, ...rules.map(ruleText)].join('\n')
}

/** Loads a policy, or throws its mistakes. */
export function load(text: string): CompiledPolicy {
  const sources = [{ file: 'policy.yaml', text }]
  const { policy, issues } = loadPolicy(sources, { issuers: ['idp'], revision: 'bench' })
  if (!policy) throw new Error(formatIssues(issues))
  return policy
}

/** The same policy, every rule of which is tried on every request. */
export function withoutIndex(policy: CompiledPolicy): CompiledPolicy {
  const all = policy.rules.map((_, number) => number)
  return { ...policy, index: () => all }
}

/** The requests as the edges would hand them over. */
export function ready(policy: CompiledPolicy, requests: readonly MadeRequest[]): ReadyRequest[] {
  return requests.map(({ method, host, path }) => {
    const { roles, groups, tenant, department, suspended } = CALLER
    const subject = { id: 'ada', roles, groups, tenant, claims: { department, suspended } }
    const situation = {
      request: { method, host, path },
      subject,
      session: { level: LEVEL, auth_age: '3m' },
    }
    const scenario = buildScenario({ now: '2026-11-23T10:00:00Z', ...situation }, policy.ladder)
    if (scenario.kind !== 'scenario') throw new Error(`not a request: ${path}`)
    return scenario
  })
}

/** Decides one request; true when it passes. */
export function passes(policy: CompiledPolicy, { request, identity, now }: ReadyRequest): boolean {
  const proposal = decide(policy, { request, identity, now, stage: noStage })
  return proposal.settlement === null && proposal.decision.outcome === 'allow'
}

/** How many rules fit one request. */
export function fitting(policy: CompiledPolicy, { request }: ReadyRequest): number {
  return selectCandidates(policy, request).length
}

const noStage = () => {}

const HEAD = `version: 1
assurance:
  - { level: password, acr: { idp: [pwd] } }
  - { level: ${LEVEL}, acr: { idp: [mfa] }, max_age: 8h }
inputs: { claims: { department: string, suspended: bool } }
rules:`

function ruleText({ id, effect, hosts, methods, paths, test }: MadeRule): string {
  const match = Object.entries({ hosts, methods, paths })
    .filter(([, list]) => list.length > 0)
    .map(([key, list]) => `${key}: ${JSON.stringify(list)}`)
  return [
    `  - id: ${id}`,
    ...(match.length > 0 ? [`    match: { ${match.join(', ')} }`] : []),
    `    when: ${celText(test)}`,
    `    effect: ${effect}`,
    ...(effect === 'step_up' ? [`    require: { level: ${LEVEL} }`] : []),
  ].join('\n')
}

function celText(test: Test): string {
  if ('has' in test) return `'"${test.has}" in subject.${test.fact}'`
  const name = test.fact === 'tenant' ? 'subject.tenant' : `subject.claims.${test.fact}`
  return `${name} == ${JSON.stringify(test.equals)}`
}
