import { type AccessRequest, streamOf } from '../domain/access-request.ts'
import { authAge } from '../domain/assurance.ts'
import type { Decision } from '../domain/decision.ts'
import type { Satisfied } from '../domain/facts.ts'
import type { Requirement } from '../domain/requirement.ts'
import type { ChallengeAttempt, Settlement, Spend } from '../domain/settlement.ts'
import { isTrivial } from './requirement.ts'
import type { Caller } from './world.ts'

/** One request and who makes it. */
type Asked = { readonly request: AccessRequest; readonly caller: Caller; readonly now: number }

/** What has to be settled before a decision may be given; null for most: only challenges and spent logins leave a trace. */
export function settlementOf(decision: Decision, asked: Asked): Settlement | null {
  const { subject, login } = asked.caller
  if (subject === null || login === null) return null
  const spend = spendOf(decision, asked)
  if (spend === null && decision.outcome !== 'step_up') return null
  const { request, now } = asked
  return {
    subject: { issuer: subject.issuer, id: subject.id },
    now,
    stream: streamOf(request),
    spend,
    challenge: challengeAttempt(decision, asked),
  }
}

/** What an earlier challenge was about, if this decision answers one: a requirement has been met. */
export function satisfiedBy(decision: Decision, { login }: Caller): Satisfied | null {
  if (decision.outcome !== 'allow' || login === null || isTrivial(decision.requirement)) return null
  const { requirement } = decision
  return { about: aboutOf(requirement), level: requirement.level }
}

/** The operation that a login is made for: method, host and canonical path, but not the body. */
function operationOf({ method, host, path }: AccessRequest): string {
  return `${method} ${host}${path.text}`
}

function spendOf(decision: Decision, { request, caller }: Asked): Spend | null {
  const authTime = caller.login?.authTime
  if (decision.outcome !== 'allow' || !decision.requirement.singleUse) return null
  // Without an `auth_time` a requirement of single use is not met, and so there is no such allow.
  if (authTime === undefined) throw new Error('a login without `auth_time` cannot be spent')
  return { authTime, operation: operationOf(request) }
}

function challengeAttempt(decision: Decision, { request, caller, now }: Asked): ChallengeAttempt {
  const { login } = caller
  const requirement = 'requirement' in decision ? decision.requirement : null
  const shortfalls = decision.outcome === 'step_up' ? decision.shortfalls.length : 1
  return {
    operation: requirement?.singleUse ? operationOf(request) : null,
    authTime: login !== null && authAge(login, now) !== null ? (login.authTime ?? null) : null,
    about: aboutOf(requirement),
    issuedAt: login?.issuedAt ?? login?.authTime ?? Math.floor(now / 1000),
    shortfalls,
  }
}

/** The requirement in one text: what the same subject would be challenged for again, in whatever session. */
function aboutOf(requirement: Requirement | null): string {
  return JSON.stringify(requirement)
}
