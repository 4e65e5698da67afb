import { newEnforcer, newModelFromString } from 'casbin'
import { Engine, type RuleProperties } from 'json-rules-engine'
import { CALLER, type MadeRequest, type MadeRule, type Test } from './made-policy.ts'

/** Another engine with the same rules: true when the request passes. */
export type Peer = (request: MadeRequest) => boolean | Promise<boolean>

/**
 * casbin: deny overrides, conditions by its `eval`. It answers yes or no, so a step_up is a deny for a caller below
 * the level. Paths, hosts and methods go through a function with compiled patterns: its own compile one a call.
 */
export async function casbinPeer(rules: readonly MadeRule[]): Promise<Peer> {
  const enforcer = await newEnforcer(newModelFromString(CASBIN_MODEL))
  const fits = new Map(rules.map((rule) => [rule.id, compileFits(rule)]))
  await enforcer.addFunction(
    'fits',
    (id: string, request: MadeRequest) => fits.get(id)?.(request) ?? false,
  )
  await enforcer.addFunction('has', (list: readonly string[], word: string) => list.includes(word))
  await enforcer.addPolicies(
    rules.map(({ id, effect, test }) => [
      id,
      casbinTest(test, effect),
      effect === 'allow' ? 'allow' : 'deny',
    ]),
  )
  const caller = { ...CALLER, level: 2 }
  return (request) => enforcer.enforceSync(caller, request)
}

/** json-rules-engine: all rules run, then deny wins over allow. A step_up is a deny for a caller below the level. */
export function jsonRulesPeer(rules: readonly MadeRule[]): Peer {
  const engine = new Engine(rules.map(jsonRule))
  const fits = new Map(rules.map((rule) => [rule.id, compileFits(rule)]))
  engine.addOperator<MadeRequest, string>('fits', (request, id) => fits.get(id)?.(request) ?? false)
  return async (request) => {
    const { events } = await engine.run({ ...CALLER, level: 2, request })
    const effects = events.map(({ type }) => type)
    return effects.includes('allow') && !effects.includes('deny')
  }
}

const CASBIN_MODEL = `
[request_definition]
r = sub, req
[policy_definition]
p = id, when, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = fits(p.id, r.req) && eval(p.when)
`

function casbinTest(test: Test, effect: MadeRule['effect']): string {
  const text =
    'has' in test
      ? `has(r.sub.${test.fact}, '${test.has}')`
      : `r.sub.${test.fact} == ${JSON.stringify(test.equals).replaceAll('"', "'")}`
  return effect === 'step_up' ? `${text} && r.sub.level < 2` : text
}

function jsonRule({ id, effect, test }: MadeRule): RuleProperties {
  const condition =
    'has' in test
      ? { fact: test.fact, operator: 'contains', value: test.has }
      : { fact: test.fact, operator: 'equal', value: test.equals }
  const weak = effect === 'step_up' ? [{ fact: 'level', operator: 'lessThan', value: 2 }] : []
  return {
    conditions: { all: [{ fact: 'request', operator: 'fits', value: id }, condition, ...weak] },
    event: { type: effect === 'allow' ? 'allow' : 'deny' },
  }
}

function compileFits({ hosts, methods, paths }: MadeRule): (request: MadeRequest) => boolean {
  const host = anyOf(hosts, (text) => text.replaceAll('.', '\\.').replace('*', '.+'))
  const path = anyOf(paths, (text) => text.replace(/\{\w+\}/g, '[^/]+').replace('**', '.+'))
  return (request) =>
    (methods.length === 0 || methods.includes(request.method)) &&
    (host === null || host.test(request.host)) &&
    (path === null || path.test(request.path))
}

function anyOf(texts: readonly string[], pattern: (text: string) => string): RegExp | null {
  return texts.length === 0 ? null : new RegExp(`^(?:${texts.map(pattern).join('|')})$`)
}
