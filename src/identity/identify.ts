import type { AccessRequest } from '../domain/access-request.ts'
import type { Identity, TokenProblem } from '../domain/identity.ts'
import { readLogin, readSubject } from './claims.ts'
import type { Credential } from './credential.ts'
import type { Issuer } from './issuer.ts'
import { claimsProblem } from './judge-claims.ts'
import type { KeySet } from './key-set.ts'
import { createReadCredential } from './read-credential.ts'
import { createTokenCache, type TokenCache } from './token-cache.ts'
import { type JsonObject, readTokenForm, type TokenForm } from './token-form.ts'
import { placeId } from './token-place.ts'
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
  readonly byUrl: ReadonlyMap<unknown, { readonly issuer: Issuer; readonly place: string }>
  readonly cache: TokenCache
}

type Token = Extract<Credential, { kind: 'token' }>
type Payload = Extract<Credential, { kind: 'payload' }>

const ANONYMOUS: Identity = { kind: 'anonymous' }

/** Makes the function, with a cache of verified tokens of its own. */
export function createIdentify(deps: IdentifyDeps): Identify {
  const { issuers, keysOf, now, maxTokenLength } = deps
  const places = issuers.map(({ token }) => token)
  const readCredential = createReadCredential(places, maxTokenLength)
  const byUrl = new Map(
    issuers.map((issuer) => [issuer.issuer, { issuer, place: placeId(issuer.token) }]),
  )
  const context = { ...deps, byUrl, cache: createTokenCache(keysOf, now) }
  return (request) => {
    const credential = readCredential(request)
    switch (credential.kind) {
      case 'none':
        return ANONYMOUS
      case 'refused':
        return reject(credential.problem, context)
      case 'token':
        return identifyToken(credential, context)
      case 'payload':
        return identifyPayload(credential, context)
    }
  }
}

function identifyToken(found: Token, context: Context): Identity | Promise<Identity> {
  const cached = context.cache.get(found.token, found.place)
  if (cached === undefined) return inspect(found, context)
  context.onVerified?.('cached')
  return cached
}

/** What can be told without a signature: the form, and whose token it claims to be. */
function inspect(found: Token, context: Context): Identity | Promise<Identity> {
  const form = readTokenForm(found.token)
  if (typeof form === 'string') return reject(form, context)
  const issuer = issuerOf(form.payload, found.place, context)
  if (typeof issuer === 'string') return reject(issuer, context)
  const problem = headerProblem(form, issuer)
  if (problem !== null) return reject(problem, context)
  const keys = context.keysOf(issuer.name)
  if (keys !== null) return verify({ ...found, form, issuer, keys }, context)
  context.onVerified?.('unavailable')
  return { kind: 'unavailable', issuer: issuer.name }
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
  if (problem !== null) return reject(problem, context)
  const identity = authenticate(form.payload, issuer, context)
  if (identity.kind !== 'authenticated') return identity
  const expires = Number(form.payload.exp) * 1000
  context.cache.set(token, { identity, issuer: issuer.name, place, keys, expires })
  return identity
}

/** Envoy has verified the signature, and nothing else that we would rely on. */
function identifyPayload({ payload, place }: Payload, context: Context): Identity {
  const issuer = issuerOf(payload, place, context)
  if (typeof issuer === 'string') return reject(issuer, context)
  const problem = claimsProblem(payload, issuer, context.now())
  return problem === null ? authenticate(payload, issuer, context) : reject(problem, context)
}

function authenticate(payload: JsonObject, issuer: Issuer, context: Context): Identity {
  const subject = readSubject(payload, issuer)
  if (subject === null) return reject('claims-invalid', context)
  context.onVerified?.('ok')
  return { kind: 'authenticated', subject, login: readLogin(payload, issuer) }
}

function reject(problem: TokenProblem, context: Context): Identity {
  context.onVerified?.(problem)
  return { kind: 'rejected', problem }
}
