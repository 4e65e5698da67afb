import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Decision } from '../../src/domain/decision.ts'
import type { Login } from '../../src/domain/identity.ts'
import { createMemoryStore } from '../../src/facts/memory-store.ts'
import type { CompiledPolicy } from '../../src/policy/compiled-policy.ts'
import { createReplica, decideNow, policyOf, requestOf, type Sent, tokenOf } from './chain.ts'
import { type Life, lifeOf, type Visit } from './everyday-life.ts'
import { createRandom, type Random } from './random.ts'

/** The rules and signals of both policies that are about what can become known. */
const LEARNT_RULES = new Set(['impossible-travel', 'new-administrator'])
const LEARNT_SIGNALS = new Set([
  ...['unknown-device', 'changed-fingerprint'],
  ...['another-country', 'impossible-travel', 'more-roles'],
])
const RISK_RULES = new Set(['elevated-risk', 'high-risk', 'odd'])

const SAMPLE = readFileSync(new URL('../../config/policy.yaml', import.meta.url), 'utf8')

const LEVELS = ['password', 'mfa', 'phishing-resistant'].map(
  (level) => `  - { level: ${level}, acr: { idp: ["urn:example:acr:${level}"] } }`,
)

/** A policy under which each new value alone asks for a login, whatever is changed. */
const STRICT = `
version: 1
assurance:
${LEVELS.join('\n')}
networks: { corporate: [10.0.0.0/8] }
variables: { outside: '!("corporate" in source.networks)' }
signals:
  - { id: unknown-device, when: "!device.known", score: 40 }
  - { id: changed-fingerprint, when: session.fingerprint_changed, score: 40 }
  - { id: another-country, when: variables.outside && travel.country_changed, score: 40 }
  - { id: impossible-travel, when: variables.outside && travel.speed_kmh > 900.0, score: 40 }
  - { id: more-roles, when: size(subject.roles_added) > 0, score: 40 }
risk: { levels: { odd: 40 } }
rules:
  - { id: all, match: { paths: [/v1/**] }, when: subject.authenticated, effect: allow }
  - { id: odd, match: { not_methods: [GET] }, when: risk.at_least("odd"), effect: step_up, require: { level: mfa, max_age: 5m } }
`

/** The policies that people and thieves meet: that of the sample, and one that asks more often. */
export const POLICIES: Readonly<Record<'sample' | 'strict', CompiledPolicy>> = {
  sample: policyOf(SAMPLE),
  strict: policyOf(STRICT),
}

/** What a person was asked in one week of work. */
export type Week = {
  requests: number
  changes: number
  /** Logins asked for because a device, browser, place or role is new. */
  byNews: number
  /** Logins asked for because of the operation, the hour or the age of the login. */
  otherwise: number
  refused: number
}

/** One person, with a memory of their own; what becomes of each week. */
export type Played = {
  readonly life: Life
  readonly weeks: readonly Week[]
  readonly last: Visit
  /** Asks with the login that the person used last. */
  readonly steal: (sent: Sent, at: number) => Decision
}

/** Plays the weeks of one person up to a time, always the same for the same number. */
export function playPerson(
  policy: CompiledPolicy,
  number: number,
  until: number = Number.POSITIVE_INFINITY,
): Played {
  const random = createRandom(number)
  const life = lifeOf(number, random)
  const person = openPerson(policy, life)
  const weeks: Week[] = []
  const visits = life.visits.filter(({ at }) => at < until)
  for (const visit of visits) {
    weeks[visit.week] ??= { requests: 0, changes: 0, byNews: 0, otherwise: 0, refused: 0 }
    count(weeks[visit.week] ?? assert.fail(), visit, person.visit(visit, random))
  }
  return { life, weeks, last: visits.at(-1) ?? assert.fail(), steal: person.steal }
}

function count(week: Week, { sent }: Visit, decisions: readonly Decision[]): void {
  week.requests += 1
  if (sent.method !== 'GET') week.changes += 1
  for (const decision of decisions) {
    if (decision.outcome === 'step_up') {
      if (isAboutNews(decision)) week.byNews += 1
      else week.otherwise += 1
    } else if (decision.outcome !== 'allow') week.refused += 1
  }
}

function isAboutNews({ rule, risk }: Decision): boolean {
  if (rule === null) return false
  return (
    LEARNT_RULES.has(rule) ||
    (RISK_RULES.has(rule) && (risk?.signals.some((id) => LEARNT_SIGNALS.has(id)) ?? false))
  )
}

type Held = Pick<Login, 'acr' | 'authTime' | 'sessionId'>

function openPerson(policy: CompiledPolicy, { id, managed }: Life) {
  let now = 0
  let stream = 0
  const store = createMemoryStore({ loop: { attempts: 3, window: 300_000 }, capacity: 500 })
  const replica = createReplica({ policy, store, now: () => now, managed })
  const sessions = new Map<string, Held>()
  let latest: { readonly held: Held; readonly roles: readonly string[] } | undefined
  const login = (visit: Visit, acr: string): Held => {
    const held = {
      acr,
      authTime: Math.floor(now / 1000),
      sessionId: `${visit.client}-${visit.day}`,
    }
    sessions.set(visit.client, held)
    return held
  }
  const loginOfToday = (visit: Visit): Held => {
    const known = sessions.get(visit.client)
    if (known?.sessionId === `${visit.client}-${visit.day}`) return known
    const held = login(visit, 'urn:example:acr:mfa')
    now += 2_000
    return held
  }
  const ask = (sent: Sent, roles: readonly string[], held: Held) => {
    stream += 1
    const token = tokenOf({ id, roles }, { ...held, issuedAt: Math.floor(now / 1000) })
    return decideNow(replica, requestOf(sent, { id: `stream-${stream}`, time: now }), token)
  }
  /** Every answer until it is allowed, or refused for good; whoever is asked to log in does so within a minute. */
  const visit = (one: Visit, random: Random): Decision[] => {
    now = Math.max(now, one.at)
    let held = loginOfToday(one)
    const answers: Decision[] = []
    for (let round = 0; round < 4; round += 1) {
      const decision = ask(one.sent, one.roles, held)
      answers.push(decision)
      if (decision.outcome !== 'step_up') break
      now += random.between(5_000, 60_000)
      held = login(one, decision.challenge.acrValues[0] ?? 'urn:example:acr:mfa')
      now += 1_000
    }
    latest = { held, roles: one.roles }
    return answers
  }
  const steal = (sent: Sent, at: number) => {
    const { held, roles } = latest ?? assert.fail('nobody has logged in')
    now = Math.max(now, at)
    return ask(sent, roles, held)
  }
  return { visit, steal }
}
