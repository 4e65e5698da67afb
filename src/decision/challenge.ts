import { containsAnySet, type Ladder, type Level } from '../domain/assurance.ts'
import type { Login, Subject } from '../domain/identity.ts'
import type { Challenge, Requirement } from '../domain/requirement.ts'

/** Whose login falls short. */
export type Challenged = { readonly subject: Subject; readonly login: Login }

/**
 * The challenge that would let this caller through, or null when no login can: a program cannot answer one, and a
 * level that the caller's issuer has no `acr` for cannot be asked of it (RFC 9470 §3), nor one that it could not prove.
 */
export function challengeFor(
  requirement: Requirement,
  ladder: Ladder,
  { subject, login }: Challenged,
): Challenge | null {
  if (subject.workload) return null
  const { scope, rank, amr } = requirement
  const maxAge = requirement.singleUse ? 0 : requirement.maxAge
  if (rank === 0 && amr.length === 0) return { acrValues: [], maxAge, scope }
  const acrValues = levelToAskFor(requirement, ladder, subject, login)?.acr.get(subject.issuer)
  return acrValues ? { acrValues, maxAge, scope } : null
}

/** The lowest level that is enough, proves every method clause whatever way it is reached, and can be asked for. */
function levelToAskFor(
  { rank, amr }: Requirement,
  ladder: Ladder,
  { issuer }: Subject,
  { proof }: Login,
): Level | undefined {
  return ladder.find(
    (level) =>
      level.rank >= rank &&
      level.acr.has(issuer) &&
      (proof === 'acr' || level.amr.length > 0) &&
      amr.every((clause) => alwaysMeets(level, clause)),
  )
}

function alwaysMeets(level: Level, clause: readonly (readonly string[])[]): boolean {
  return level.amr.length > 0 && level.amr.every((methods) => containsAnySet(methods, clause))
}
