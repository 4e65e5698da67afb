import type { Identity } from '../domain/identity.ts'
import type { Credential } from './credential.ts'
import type { Issuer } from './issuer.ts'
import { isOpaque, type JudgeOpaque } from './opaque.ts'
import type { TokenCache } from './token-cache.ts'
import { placeId } from './token-place.ts'

/** Finds out who the bearer of an opaque token is; null for a token that is none, or where none is expected. */
export type IdentifyOpaque = (found: Token) => Promise<Identity> | null

/** What it is made of. */
export type IdentifyOpaqueDeps = {
  readonly issuers: readonly Issuer[]
  /** By the names of the issuers. */
  readonly opaque: ReadonlyMap<string, JudgeOpaque>
  readonly cache: TokenCache
}

type Token = Extract<Credential, { kind: 'token' }>
type OpaqueIssuer = { readonly name: string; readonly judge: JudgeOpaque }

/** Makes the function. Such a token says nothing of its issuer, so the place where it was found does. */
export function createIdentifyOpaque(deps: IdentifyOpaqueDeps): IdentifyOpaque {
  const byPlace = new Map(
    deps.issuers.flatMap(({ name, token }): [string, OpaqueIssuer][] => {
      const judge = deps.opaque.get(name)
      return judge === undefined ? [] : [[placeId(token), { name, judge }]]
    }),
  )
  return (found) => {
    const issuer = byPlace.get(found.place)
    return issuer !== undefined && isOpaque(found.token) ? judge(found, issuer, deps.cache) : null
  }
}

/** What a subject has lost meanwhile is not brought back by an answer that was on its way. */
async function judge(
  { token, place }: Token,
  issuer: OpaqueIssuer,
  cache: TokenCache,
): Promise<Identity> {
  const before = cache.forgotten()
  return issuer.judge(token, (identity, expires, length) => {
    if (cache.forgotten() !== before) return
    cache.set(token, { identity, issuer: issuer.name, place, keys: null, expires }, length)
  })
}
