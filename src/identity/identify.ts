import type { JWTPayload } from 'jose'
import type { AccessRequest } from '../domain/access-request.ts'
import type { Identity, TokenProblem } from '../domain/identity.ts'
import { MAX_TOKEN_LENGTH, readBearer } from './bearer.ts'
import { readLogin, readSubject } from './claims.ts'
import type { Issuer } from './issuer.ts'
import type { KeySet } from './key-set.ts'
import { createTokenCache, type TokenCache } from './token-cache.ts'
import { readTokenForm } from './token-form.ts'
import { headerProblem, verifyToken } from './verify.ts'

/** Finds out who is calling: at once, except for a token that is seen for the first time. Never throws or rejects. */
export type Identify = (request: AccessRequest) => Identity | Promise<Identity>

/** How looking at a token ended; the label of `stepgate_token_verifications_total`. */
export type VerificationResult = 'ok' | 'cached' | 'unavailable' | TokenProblem

/** What `identify` needs from outside. */
export type IdentifyDeps = {
  readonly issuers: readonly Issuer[]
  /** An issuer's keys by its name, null before the first fetch. */
  readonly keysOf: (issuer: string) => KeySet | null
  /** Told when a token names a key that is not there. */
  readonly missed: (issuer: string) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Called once for every request that carries a credential. */
  readonly onVerified?: (result: VerificationResult) => void
  /** Characters. */
  readonly maxTokenLength?: number
}

type Context = IdentifyDeps & {
  readonly byUrl: ReadonlyMap<unknown, Issuer>
  readonly cache: TokenCache
}

const ANONYMOUS: Identity = { kind: 'anonymous' }

/** Makes the function, with a cache of verified tokens of its own. */
export function createIdentify(deps: IdentifyDeps): Identify {
  const context = {
    ...deps,
    byUrl: new Map(deps.issuers.map((issuer) => [issuer.issuer, issuer])),
    cache: createTokenCache(deps.keysOf, deps.now),
  }
  return (request) => {
    const credential = readBearer(request.headers, deps.maxTokenLength ?? MAX_TOKEN_LENGTH)
    switch (credential.kind) {
      case 'none':
        return ANONYMOUS
      case 'refused':
        return reject(credential.problem, context)
      case 'bearer':
        return identifyToken(credential.token, context)
    }
  }
}

function identifyToken(token: string, context: Context): Identity | Promise<Identity> {
  const cached = context.cache.get(token)
  if (cached === undefined) return inspect(token, context)
  context.onVerified?.('cached')
  return cached
}

/** What can be told without a signature: the form, and whose token it claims to be. */
function inspect(token: string, context: Context): Identity | Promise<Identity> {
  const form = readTokenForm(token)
  if (typeof form === 'string') return reject(form, context)
  const issuer = context.byUrl.get(form.payload.iss)
  if (issuer === undefined) return reject('unknown-issuer', context)
  const problem = headerProblem(form, issuer)
  if (problem !== null) return reject(problem, context)
  const keys = context.keysOf(issuer.name)
  if (keys !== null) return verify(token, issuer, keys, context)
  context.onVerified?.('unavailable')
  return { kind: 'unavailable', issuer: issuer.name }
}

async function verify(
  token: string,
  issuer: Issuer,
  keys: KeySet,
  context: Context,
): Promise<Identity> {
  const payload = await verifyToken(token, issuer, keys, context.now())
  if (payload === 'unknown-key') context.missed(issuer.name)
  if (typeof payload === 'string') return reject(payload, context)
  const identity = authenticate(payload, issuer)
  if (identity === null) return reject('claims-invalid', context)
  const expires = (payload.exp ?? 0) * 1000
  context.cache.set(token, { identity, issuer: issuer.name, keys, expires })
  context.onVerified?.('ok')
  return identity
}

function authenticate(payload: JWTPayload, issuer: Issuer): Identity | null {
  const subject = readSubject(payload, issuer)
  if (subject === null) return null
  return { kind: 'authenticated', subject, login: readLogin(payload, issuer) }
}

function reject(problem: TokenProblem, context: Context): Identity {
  context.onVerified?.(problem)
  return { kind: 'rejected', problem }
}
