/** Something the user does to prove who they are. */
export type Factor = 'password' | 'otp' | 'passkey'

/** What a login can prove: the `acr` value, and the factors it takes. */
export type Level = { readonly acr: string; readonly factors: readonly Factor[] }

/** The levels of this provider, weakest first. */
export const LEVELS: readonly [Level, ...Level[]] = [
  { acr: 'urn:example:acr:password', factors: ['password'] },
  { acr: 'urn:example:acr:mfa', factors: ['password', 'otp'] },
  { acr: 'urn:example:acr:phishing-resistant', factors: ['passkey'] },
]

/** The RFC 8176 methods that a factor adds to `amr`; a passkey is a software-secured key that verifies its user. */
const METHODS: Record<Factor, readonly string[]> = {
  password: ['pwd'],
  otp: ['otp'],
  passkey: ['swk', 'user'],
}

/** The level to log in at: the first of `acr_values` (space-separated, best first) that exists, else the weakest. */
export function wantedLevel(acrValues: string | undefined): Level {
  return known(acrValues)[0] ?? LEVELS[0]
}

/** True when a login at `acr` is at least as strong as one of the levels asked for; unknown ones ask for nothing. */
export function satisfies(acr: string | undefined, acrValues: string | undefined): boolean {
  const wanted = known(acrValues).map(rank)
  return (
    wanted.length === 0 || LEVELS.findIndex((level) => level.acr === acr) >= Math.min(...wanted)
  )
}

/** The factors of a level that the methods of an earlier login do not cover. */
export function missingFactors(level: Level, amr: readonly string[]): readonly Factor[] {
  return level.factors.filter((factor) => !METHODS[factor].every((method) => amr.includes(method)))
}

/** The methods of an earlier login and of the factors proven now. */
export function methodsOf(amr: readonly string[], factors: readonly Factor[]): readonly string[] {
  return [...new Set([...amr, ...factors.flatMap((factor) => METHODS[factor])])]
}

function known(acrValues: string | undefined): readonly Level[] {
  const wanted = (acrValues ?? '').split(' ')
  return wanted.flatMap((acr) => LEVELS.filter((level) => level.acr === acr))
}

function rank(level: Level): number {
  return LEVELS.indexOf(level)
}
