import type { AccessRequest } from '../domain/access-request.ts'
import type { Identity, TokenProblem } from '../domain/identity.ts'
import { ANONYMOUS, authenticate, rejected } from './authenticate.ts'
import type { Credential } from './credential.ts'
import type { Verdict } from './dpop.ts'
import { createIdentifyOpaque, type IdentifyOpaque } from './identify-opaque.ts'
import type { Issuer } from './issuer.ts'
import { claimsProblem } from './judge-claims.ts'
import type { KeySet } from './key-set.ts'
import type { JudgeOpaque } from './opaque.ts'
import { NO_POSSESSION, type Presented, type ProvePossession } from './possession.ts'
import { createReadCredential } from './read-credential.ts'
import { createTokenCache, type TokenCache } from './token-cache.ts'
import { type JsonObject, readTokenForm, type TokenForm } from './token-form.ts'
import { placeId } from './token-place.ts'
import { headerProblem, verifyToken } from './verify.ts'

/**
 * Finds out who is calling: at once, except for a token that is seen for the first time, or bound to a key. Never throws
 * or rejects.
 */
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
  /** Absent: a token that is bound to anything is refused. */
  readonly provePossession?: ProvePossession
  /** Judge the opaque tokens of issuers that are asked about them, by their names. */
  readonly opaque?: ReadonlyMap<string, JudgeOpaque>
  /** Who calls without a token, by the client certificate; absent: nobody. */
  readonly identifyPeer?: (request: AccessRequest) => Identity
  /** Called once for every request that carries a credential. */
  readonly onVerified?: (result: VerificationResult) => void
  /** Characters. */
  readonly maxTokenLength?: number
  /** Of verified tokens; its own when absent. */
  readonly cache?: TokenCache
}

type Context = IdentifyDeps & {
  readonly byUrl: ReadonlyMap<unknown, { readonly issuer: Issuer; readonly place: string }>
  readonly identifyOpaque: IdentifyOpaque
  readonly cache: TokenCache
  readonly provePossession: ProvePossession
}

type Token = Extract<Credential, { kind: 'token' }>
type Payload = Extract<Credential, { kind: 'payload' }>

/** A token that Envoy keeps for itself: as a bearer token, since no proof can be compared with it. */
const UNSEEN: Presented = { token: '', scheme: 'bearer' }

/** Makes the function. */
export function createIdentify(deps: IdentifyDeps): Identify {
  const { issuers, keysOf, now, maxTokenLength, provePossession = NO_POSSESSION } = deps
  const { cache = createTokenCache(keysOf, now) } = deps
  const places = issuers.map(({ token }) => token)
  const readCredential = createReadCredential(places, maxTokenLength)
  const byUrl = new Map(
    issuers.map((issuer) => [issuer.issuer, { issuer, place: placeId(issuer.token) }]),
  )
  const { opaque = new Map() } = deps
  const identifyOpaque = createIdentifyOpaque({ issuers, opaque, cache })
  const context = { ...deps, byUrl, identifyOpaque, cache, provePossession }
  return (request) => {
    const credential = readCredential(request)
    switch (credential.kind) {
      case 'none':
        return identifyPeer(request, context)
      case 'refused':
        return report(rejected(credential.problem), 'ok', context)
      case 'token':
        return identifyToken(credential, request, context)
      case 'payload':
        return prove(
          { request, presented: UNSEEN },
          judgePayload(credential, context),
          'ok',
          context,
        )
    }
  }
}

/** Only where there is no token: one that is bad is not mended by a certificate. */
function identifyPeer(request: AccessRequest, context: Context): Identity {
  const identity = context.identifyPeer?.(request) ?? ANONYMOUS
  return identity.kind === 'anonymous' ? identity : report(identity, 'ok', context)
}

function identifyToken(
  found: Token,
  request: AccessRequest,
  context: Context,
): Identity | Promise<Identity> {
  const asked = { request, presented: found }
  const cached = context.cache.get(found.token, found.place)
  if (cached !== undefined) return prove(asked, cached, 'cached', context)
  const seen = inspect(found, context)
  return seen instanceof Promise
    ? seen.then((identity) => prove(asked, identity, 'ok', context))
    : report(seen, 'ok', context)
}

/** What can be told without a signature: the form, and whose token it claims to be. */
function inspect(found: Token, context: Context): Identity | Promise<Identity> {
  const asked = context.identifyOpaque(found)
  if (asked !== null) return asked
  const form = readTokenForm(found.token)
  if (typeof form === 'string') return rejected(form)
  const issuer = issuerOf(form.payload, found.place, context)
  if (typeof issuer === 'string') return rejected(issuer)
  const problem = headerProblem(form, issuer)
  if (problem !== null) return rejected(problem)
  const keys = context.keysOf(issuer.name)
  if (keys === null) return { kind: 'unavailable', issuer: issuer.name }
  return verify({ ...found, form, issuer, keys }, context)
}

/** The issuer that the claims name, if its tokens belong into this place. */
function issuerOf({ iss }: JsonObject, place: string, context: Context): Issuer | TokenProblem {
  const known = context.byUrl.get(iss)
  if (known === undefined) return 'unknown-issuer'
  return known.place === place ? known.issuer : 'wrong-place'
}

type Inspected = Token & {
  readonly form: TokenForm
  readonly issuer: Issuer
  readonly keys: KeySet
}

async function verify(inspected: Inspected, context: Context): Promise<Identity> {
  const { token, place, form, issuer, keys } = inspected
  const problem = await verifyToken(token, form, issuer, keys, context.now())
  if (problem === 'unknown-key') context.missed(issuer.name)
  if (problem !== null) return rejected(problem)
  const identity = authenticate(form.payload, issuer)
  if (identity.kind !== 'authenticated') return identity
  const expires = Number(form.payload.exp) * 1000
  context.cache.set(token, { identity, issuer: issuer.name, place, keys, expires })
  return identity
}

/** Envoy has verified the signature, and nothing else that we would rely on. */
function judgePayload({ payload, place }: Payload, context: Context): Identity {
  const issuer = issuerOf(payload, place, context)
  if (typeof issuer === 'string') return rejected(issuer)
  const problem = claimsProblem(payload, issuer, context.now())
  return problem === null ? authenticate(payload, issuer) : rejected(problem)
}

/** The last question to a token that is good: whether the client holds what it is bound to. */
function prove(asked: Asked, identity: Identity, known: 'ok' | 'cached', context: Context) {
  if (identity.kind !== 'authenticated') return report(identity, known, context)
  const { subject } = identity
  const verdict = context.provePossession(subject.claims, asked.presented, asked.request)
  if (verdict === null) return report(identity, known, context)
  const judged = (found: Verdict) => report(proven(identity, found), known, context)
  return verdict instanceof Promise ? verdict.then(judged) : judged(verdict)
}

type Asked = { readonly request: AccessRequest; readonly presented: Presented }
type Authenticated = Extract<Identity, { kind: 'authenticated' }>

function proven(identity: Authenticated, verdict: Verdict): Identity {
  if (verdict === null) return identity
  if (verdict !== 'unavailable') return rejected(verdict)
  return { kind: 'unavailable', issuer: identity.subject.issuer }
}

/** Tells how it ended, once a request. */
function report(identity: Identity, known: 'ok' | 'cached', context: Context): Identity {
  context.onVerified?.(resultOf(identity, known))
  return identity
}

function resultOf(identity: Identity, known: 'ok' | 'cached'): VerificationResult {
  if (identity.kind === 'rejected') return identity.problem
  return identity.kind === 'authenticated' ? known : 'unavailable'
}
