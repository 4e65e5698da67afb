import { hash } from 'node:crypto'
import { type AccessRequest, streamOf } from '../domain/access-request.ts'
import type { TokenProblem } from '../domain/identity.ts'
import type { Origin } from '../domain/origin.ts'
import type { Nonces } from './dpop-nonce.ts'
import { type Proof, readProof } from './dpop-proof.ts'
import { createJudgeSignature } from './dpop-signature.ts'
import { namesTarget } from './dpop-target.ts'

/** What a proof is judged by. */
export type DpopRules = {
  /** JWS algorithms that may sign a proof; asymmetric ones only. */
  readonly algorithms: readonly string[]
  /** Seconds that a proof is good for. */
  readonly window: number
  /** Seconds that it may be ahead of our clock. */
  readonly ahead: number
  /** Under which clients know this service; empty: those that Envoy sees. */
  readonly origins: readonly Origin[]
}

/** What judging proofs needs from outside. */
export type DpopDeps = DpopRules & {
  /** Null where no proof needs one. */
  readonly nonces: Nonces | null
  readonly useOnce: UseOnce
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Told why a proof could not be judged. */
  readonly failed: (error: unknown) => void
}

/**
 * Uses up what is good for one request, not to be forgotten before `until` (both times in milliseconds); false when
 * another attempt of Envoy's than this `stream` did so before. It throws or rejects when it cannot tell.
 */
export type UseOnce = (use: {
  readonly name: string
  readonly now: number
  readonly until: number
  readonly stream: string | null
}) => boolean | Promise<boolean>

/** What a token was bound to, and how it was sent. */
export type BoundToken = {
  readonly token: string
  /** RFC 7638 thumbprint of the key. */
  readonly key: string
}

/** How it ended: null when the holder of the key has made the proof for this request, and for no other before. */
export type Verdict = TokenProblem | 'unavailable' | null

/**
 * Makes the function that judges whether the client holds the key of its token, by the proof that came along
 * (RFC 9449 §4.3). What costs little is judged first, and the proof is used up only when everything else was in order,
 * so that a stranger can neither keep us busy nor spend another's. It never rejects.
 */
export function createProveKey(
  deps: DpopDeps,
): (bound: BoundToken, request: AccessRequest) => Promise<Verdict> {
  const signatureProblem = createJudgeSignature()
  return async (bound, request) => {
    const proof = readProof(request, deps.algorithms)
    if (typeof proof === 'string') return proof
    return (
      purposeProblem(proof, bound, request, deps) ??
      (await signatureProblem(proof, bound.key)) ??
      nonceProblem(proof, deps) ??
      (await replayProblem(proof, bound, request, deps))
    )
  }
}

function purposeProblem(
  { claims }: Proof,
  { token }: BoundToken,
  request: AccessRequest,
  { origins, window, ahead, now }: DpopDeps,
): TokenProblem | null {
  if (claims.htm !== request.method) return 'proof-method'
  if (!namesTarget(claims.htu, request, origins)) return 'proof-uri'
  const age = now() / 1000 - claims.iat
  if (!(age < window)) return 'proof-too-old'
  if (!(age >= -ahead)) return 'proof-too-early'
  return claims.ath === hash('sha256', token, 'base64url') ? null : 'proof-other-token'
}

function nonceProblem({ claims }: Proof, { nonces }: DpopDeps): TokenProblem | null {
  return nonces === null || nonces.accepts(claims.nonce) ? null : 'proof-nonce'
}

async function replayProblem(
  { claims }: Proof,
  { key }: BoundToken,
  request: AccessRequest,
  { useOnce, now, window, ahead, failed }: DpopDeps,
): Promise<Verdict> {
  const time = now()
  const use = {
    name: hash('sha256', `${key} ${claims.jti}`, 'base64url'),
    now: time,
    until: time + (window + ahead) * 1000,
    stream: streamOf(request),
  }
  try {
    return (await useOnce(use)) ? null : 'proof-replayed'
  } catch (error) {
    failed(error)
    return 'unavailable'
  }
}
