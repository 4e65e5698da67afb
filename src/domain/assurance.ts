import type { AuthTimeTolerance, Login } from './identity.ts'

/** One step of the ladder. Only the order of the ladder ranks logins; an `acr` is an opaque name (RFC 9470 §1). */
export type Level = {
  readonly name: string
  /** 1 for the weakest; 0 is reserved for "nothing proven". */
  readonly rank: number
  /** Issuer name → the `acr` values of that issuer which prove this level, best first. */
  readonly acr: ReadonlyMap<string, readonly string[]>
  /** Any of these sets, contained in the token's `amr`, proves this level (RFC 8176). */
  readonly amr: readonly (readonly string[])[]
  /** Seconds after which a login no longer proves this level; inherited from below and never longer than there. */
  readonly maxAge: number | null
}

/** Levels from the weakest to the strongest. */
export type Ladder = readonly Level[]

/** OpenID Connect Core §2: an `acr` of "0" did not meet any level, and must not protect anything of value. */
const ACR_NOTHING = '0'

/** As the policy language has it where the service's settings say nothing else. */
export const DEFAULT_TOLERANCE: AuthTimeTolerance = { ahead: 10, leeway: 0 }

/**
 * The rank that a login proves now, 0 for none: its evidence alone, then down to the highest level still in date.
 * `now` in milliseconds. Missing or unknown evidence ranks 0.
 */
export function provenRank(ladder: Ladder, issuer: string, login: Login, now: number): number {
  const age = authAge(login, now)
  let rank = evidenceRank(ladder, issuer, login)
  while (rank > 0 && !inDate(age, ladder[rank - 1]?.maxAge ?? null)) rank--
  return rank
}

/** The rank that the login's `acr` and `amr` claim, its age aside. */
export function evidenceRank(ladder: Ladder, issuer: string, login: Login): number {
  if (login.acr === ACR_NOTHING) return 0
  switch (login.proof) {
    case 'acr':
      return acrRank(ladder, issuer, login)
    case 'amr':
      return amrRank(ladder, login.amr)
    case 'both':
      return Math.min(acrRank(ladder, issuer, login), amrRank(ladder, login.amr))
  }
}

/**
 * Seconds since the login, less the leeway of its issuer; 0 for one slightly ahead of our clock, null when it is
 * unknown or in the future.
 */
export function authAge({ authTime, tolerance }: Login, now: number): number | null {
  if (authTime === undefined) return null
  const age = now / 1000 - authTime
  if (!(age >= -tolerance.ahead)) return null
  return Math.max(0, age - tolerance.leeway)
}

/** True while `age < maxAge`; an unknown age is in date only where no limit is set. */
export function inDate(age: number | null, maxAge: number | null): boolean {
  return maxAge === null || (age !== null && age < maxAge)
}

/** True when the login was made by one of these sets of methods; an `acr` of "0" says that none of them counts. */
export function usedMethods({ acr, amr }: Login, sets: readonly (readonly string[])[]): boolean {
  return acr !== ACR_NOTHING && containsAnySet(amr, sets)
}

/** True when some set is contained in the methods. */
export function containsAnySet(
  methods: readonly string[] | undefined,
  sets: readonly (readonly string[])[],
): boolean {
  if (methods === undefined) return false
  return sets.some((set) => set.length > 0 && set.every((method) => methods.includes(method)))
}

/** Of a list the strongest counts: each of them is met. */
function acrRank(ladder: Ladder, issuer: string, { acr, acrs }: Login): number {
  const met = acrs ?? (acr === undefined ? [] : [acr])
  const proves = (known: readonly string[] | undefined) =>
    known?.some((one) => met.includes(one)) ?? false
  return ladder.findLast((candidate) => proves(candidate.acr.get(issuer)))?.rank ?? 0
}

function amrRank(ladder: Ladder, amr: readonly string[] | undefined): number {
  return ladder.findLast((candidate) => containsAnySet(amr, candidate.amr))?.rank ?? 0
}
