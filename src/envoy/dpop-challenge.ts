import { type AccessRequest, first } from '../domain/access-request.ts'
import type { Decision } from '../domain/decision.ts'
import type { TokenProblem } from '../domain/identity.ts'
import { fitsHeader } from './header-value.ts'
import type { CheckResponse, HeaderOption } from './wire.ts'

/** What clients that send their tokens as `DPoP` are told of it. */
export type DpopTerms = {
  /** JWS algorithms that may sign their proofs. */
  readonly algorithms: readonly string[]
  /** The nonce of this moment for their next proof; null where none is asked for. */
  readonly nonce: (() => string) | null
}

/**
 * A refusal as a client that uses DPoP reads it (RFC 9449 §7.1, §9): the same challenge under the scheme `DPoP`, with the
 * algorithms, the errors of proofs and the next nonce. Any other answer stays as it is.
 */
export function inDpop(
  response: CheckResponse,
  decision: Decision,
  request: AccessRequest | null,
  { algorithms, nonce }: DpopTerms,
): CheckResponse {
  if (!('deniedResponse' in response) || request === null || !usesDpop(request)) return response
  const { deniedResponse: denied } = response
  const algs = `algs="${algorithms.join(' ')}"`
  const next = nonce?.() ?? null
  const headers = denied.headers.map((option) => translated(option, decision, algs, next))
  const isChallenge = headers.some(({ header }) => header.value.startsWith(SCHEME))
  const added = isChallenge && next !== null ? [nonceHeader(next)] : []
  return { ...response, deniedResponse: { ...denied, headers: [...headers, ...added] } }
}

const SCHEME = 'DPoP '

/** RFC 9110 §11.1: the scheme is compared without case. */
function usesDpop({ headers }: AccessRequest): boolean {
  return /^dpop /i.test(first(headers, 'authorization') ?? '')
}

function translated(
  option: HeaderOption,
  decision: Decision,
  algs: string,
  nonce: string | null,
): HeaderOption {
  const { key, value } = option.header
  if (key === 'access-control-expose-headers' && nonce !== null)
    return { ...option, header: { key, value: `${value}, DPoP-Nonce` } }
  if (key !== 'www-authenticate' || !/^Bearer(?: |$)/.test(value)) return option
  const given = value.slice('Bearer'.length).trim()
  const named = given.replace(/\berror="invalid_token"/, `error="${errorOf(decision)}"`)
  const challenge = `${SCHEME}${named === '' ? algs : `${named}, ${algs}`}`
  return fitsHeader(challenge) ? { ...option, header: { key, value: challenge } } : option
}

function errorOf(decision: Decision): string {
  return 'problem' in decision && decision.problem !== null
    ? proofError(decision.problem)
    : 'invalid_token'
}

/** A good proof with another key than the token's means that the token is not for this client (RFC 9449 §7.1). */
function proofError(problem: TokenProblem): string {
  if (problem === 'proof-nonce') return 'use_dpop_nonce'
  const isOfProof = problem.startsWith('proof-') && problem !== 'proof-other-key'
  return isOfProof ? 'invalid_dpop_proof' : 'invalid_token'
}

function nonceHeader(value: string): HeaderOption {
  return { header: { key: 'dpop-nonce', value }, appendAction: 2 }
}
