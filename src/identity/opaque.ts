import { LRUCache } from 'lru-cache'
import type { Identity, TokenProblem } from '../domain/identity.ts'
import { authenticate, rejected } from './authenticate.ts'
import { isBound } from './bond.ts'
import { createBreaker } from './breaker.ts'
import { type Fetch, HttpError } from './fetch-json.ts'
import { createGate, type Gate } from './gate.ts'
import { type IntrospectionClient, introspect } from './introspect.ts'
import type { FindEndpoint } from './introspection-endpoint.ts'
import type { Issuer } from './issuer.ts'
import { claimsProblem } from './judge-claims.ts'
import type { Schedule } from './schedule.ts'
import { digest } from './token-cache.ts'
import type { JsonObject } from './token-form.ts'

/** Judges the opaque tokens of one issuer by what it says of them. Never rejects. */
export type JudgeOpaque = (token: string, keep: Keep) => Identity | Promise<Identity>

/**
 * Takes over who the bearer is, to be believed until a time in milliseconds since the epoch; `length` is that of what was
 * said of the token, in characters.
 */
export type Keep = (identity: Identity, expires: number, length: number) => void

/** The issuer, and how it is asked; times in milliseconds. */
export type OpaqueDeps = {
  readonly issuer: Issuer
  readonly client: IntrospectionClient
  readonly findEndpoint: FindEndpoint
  readonly fetch: Fetch
  /** How long an answer is believed. */
  readonly cache: number
  /** How long a request waits. */
  readonly deadline: number
  /** Since the epoch. */
  readonly now: () => number
  /** On a clock that never goes back. */
  readonly clock: () => number
  readonly schedule: Schedule
  readonly answered: () => void
  /** Told why the issuer could not be asked, in words for the operator. */
  readonly failed: (error: unknown) => void
}

/** Milliseconds for one question, longer than any request waits: a late answer serves the next one. */
const TIMEOUT = 2000

/** Questions under way at once. */
const AT_MOST = 64

/** Milliseconds that a refusal is kept, and how many: strangers can make up tokens faster than an issuer answers. */
const REFUSED_FOR = 5000
const MOST_REFUSED = 10_000

/** Makes the function, with a memory of what was refused. */
export function createJudgeOpaque(deps: OpaqueDeps): JudgeOpaque {
  const { issuer, now, clock, schedule, deadline, failed } = deps
  const breaker = createBreaker(clock)
  const bounds = { deadline, atMost: AT_MOST, breaker, schedule }
  const gate = createGate<Identity>({ ...bounds, isOutage, failed })
  const refusals = new LRUCache<string, Refusal>({ max: MOST_REFUSED })
  return (token, keep) => {
    const key = digest(token)
    const refusal = refusals.get(key)
    if (refusal !== undefined && now() < refusal.until) return refusal.identity
    return through(gate, key, issuer, async () => {
      const asked = now()
      const answer = await ask(token, deps)
      const { identity, expires } = judge(answer, deps)
      const until = asked + deps.cache
      if (identity.kind === 'authenticated')
        keep(identity, Math.min(expires, until), JSON.stringify(answer).length)
      else refusals.set(key, { identity, until: Math.min(until, asked + REFUSED_FOR) })
      return identity
    })
  }
}

type Refusal = { readonly identity: Identity; readonly until: number }

/** True for a token that is no JWT by its form, not even a broken or an encrypted one, which may be another issuer's. */
export function isOpaque(token: string): boolean {
  const [head = '', ...rest] = token.split('.')
  if (rest.length !== 2 && rest.length !== 4) return true
  return !Buffer.from(head, 'base64url').toString('latin1').trimStart().startsWith('{')
}

/** A 4xx may be about one token: whoever makes up such tokens must not keep others from being asked about. */
function isOutage(error: unknown): boolean {
  return !(error instanceof HttpError) || error.status >= 500 || error.status === 429
}

async function through(
  gate: Gate<Identity>,
  key: string,
  issuer: Issuer,
  work: () => Promise<Identity>,
): Promise<Identity> {
  return (await gate(key, work)) ?? { kind: 'unavailable', issuer: issuer.name }
}

async function ask(
  token: string,
  { client, findEndpoint, fetch, answered }: OpaqueDeps,
): Promise<JsonObject | null> {
  const endpoint = await findEndpoint()
  const signal = AbortSignal.timeout(TIMEOUT)
  const { claims } = await introspect(fetch, endpoint, client, token, signal)
  answered()
  return claims
}

type Judged = { readonly identity: Identity; readonly expires: number }

/** The issuer has vouched for the token; whom it is for, how long it is good and what it is are judged as of a JWT. */
function judge(answer: JsonObject | null, { issuer, now }: OpaqueDeps): Judged {
  if (answer === null) return refused('inactive')
  const claims: JsonObject = { iss: issuer.issuer, ...answer }
  const problem = claimsProblem(claims, issuer, now()) ?? kindProblem(claims)
  if (problem !== null) return refused(problem)
  return { identity: authenticate(claims, issuer), expires: Number(claims.exp) * 1000 }
}

function refused(problem: TokenProblem): Judged {
  return { identity: rejected(problem), expires: 0 }
}

/**
 * An issuer also answers for refresh tokens, and may then say nothing of a type (RFC 7662 §2.2). One that is told to be
 * bound, and not to what, has been told of only in part.
 */
function kindProblem(claims: JsonObject): TokenProblem | null {
  const { token_type: type, token_use: use = 'access_token' } = claims
  const kind = typeof type === 'string' ? type.toLowerCase() : null
  if ((kind !== 'bearer' && kind !== 'dpop') || use !== 'access_token') return 'wrong-type'
  return kind === 'dpop' && !isBound(claims) ? 'key-bound' : null
}
