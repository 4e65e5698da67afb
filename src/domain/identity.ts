/** Who is calling, as far as the request proves it. A token that is present but bad is never treated as anonymous. */
export type Identity =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'authenticated'; readonly subject: Subject; readonly login: Login }
  | { readonly kind: 'rejected'; readonly problem: TokenProblem }
  | { readonly kind: 'unavailable'; readonly issuer: string }

/** The caller; identified by `issuer` and `id` together. A list that the token lacks is absent, not empty. */
export type Subject = {
  /** The issuer's name in `config/stepgate.yaml`, not its URL. */
  readonly issuer: string
  /** The token's `sub`. */
  readonly id: string
  readonly clientId?: string
  /** A program, not a person: it can never answer a challenge. */
  readonly workload: boolean
  readonly roles?: readonly string[]
  readonly groups?: readonly string[]
  readonly scopes?: readonly string[]
  readonly tenant?: string
  /** Every claim of the token, verified but otherwise as the issuer wrote it. */
  readonly claims: Readonly<Record<string, unknown>>
}

/** The authentication event behind the token (RFC 9470 §1): what `require` is judged on. */
export type Login = {
  /** Of the mapped session claim, or else absent: the login itself is then the session. */
  readonly sessionId?: string
  /** Opaque; only the policy's ladder ranks it. */
  readonly acr?: string
  /** Where the claim is a list (Entra's `acrs`): every authentication context that is met. */
  readonly acrs?: readonly string[]
  /** RFC 8176 methods. */
  readonly amr?: readonly string[]
  /** Seconds since the epoch; absent when the claim is missing or malformed. */
  readonly authTime?: number
  /** Which claims of this issuer prove a level. */
  readonly proof: Proof
  /** How far this issuer's clock may be off from ours. */
  readonly tolerance: AuthTimeTolerance
  /** Seconds since the epoch: the token's `iat`; absent when the claim is. It says nothing about the login. */
  readonly issuedAt?: number
}

/** Seconds that an `auth_time` may lie ahead of our clock and still count as now, and that a login may be older. */
export type AuthTimeTolerance = { readonly ahead: number; readonly leeway: number }

/** `both`: the level must be proven by `acr` and by `amr`, each on its own (Keycloak can send one without the other). */
export type Proof = 'acr' | 'amr' | 'both'

/** Why a credential was refused; each has one sentence for the client in `TOKEN_PROBLEMS`. */
export type TokenProblem = keyof typeof TOKEN_PROBLEMS

/**
 * Every way a credential can fail, with the sentence that becomes `error_description`.
 * Letters, digits, blanks, `.`, `'` and `-` only: other characters break clients' parsers (RFC 6750 §3).
 */
export const TOKEN_PROBLEMS = {
  'not-bearer': 'The Authorization header carries neither a bearer nor a DPoP token',
  'several-credentials': 'The request carries more than one credential',
  'wrong-place': 'The token was sent in a place that its issuer does not use',
  'too-large': 'The token is too large',
  malformed: 'The token is not a well-formed signed JWT',
  'algorithm-not-allowed': 'The token is signed with an algorithm that is not accepted',
  'wrong-type': 'The token is not an access token',
  'unknown-issuer': 'The token was issued by an unknown issuer',
  'unknown-key': 'The token is signed with an unknown key',
  inactive: 'The token is not active',
  'bad-signature': 'The signature of the token is wrong',
  'wrong-audience': 'The token is meant for another audience',
  expired: 'The token has expired',
  'not-yet-valid': 'The token is not valid yet',
  'claims-invalid': 'A claim of the token is missing or malformed',
  'key-bound': 'The token is bound to a key and came without a proof that can be checked here',
  'not-bound': 'The token is not bound to a key and so is no DPoP token',
  'wrong-certificate': 'The token is bound to another client certificate',
  'svid-invalid': 'The client certificate is not a valid X.509-SVID',
  'unknown-trust-domain': 'The client certificate is of an unknown trust domain',
  'proof-missing': 'The request carries no DPoP proof',
  'proof-doubled': 'The request carries more than one DPoP proof',
  'proof-too-large': 'The DPoP proof is too large',
  'proof-malformed': 'The DPoP proof is not a well-formed signed JWT',
  'proof-wrong-type': 'The DPoP proof is a token of another type',
  'proof-algorithm': 'The DPoP proof is signed with an algorithm that is not accepted',
  'proof-key': 'The DPoP proof carries no usable public key',
  'proof-private-key': 'The DPoP proof carries a private key which is now known to others',
  'proof-remote-key': 'The DPoP proof points to a key elsewhere',
  'proof-claims': 'A claim of the DPoP proof is missing or malformed',
  'proof-method': 'The DPoP proof was made for another method',
  'proof-uri': 'The DPoP proof was made for another URI',
  'proof-too-old': 'The DPoP proof is too old',
  'proof-too-early': 'The DPoP proof was made in the future',
  'proof-other-token': 'The DPoP proof was made for another token',
  'proof-other-key': 'The DPoP proof was made with another key than the token is bound to',
  'proof-signature': 'The signature of the DPoP proof is wrong',
  'proof-nonce': 'The DPoP proof does not carry a nonce that is still good',
  'proof-replayed': 'The DPoP proof was used before',
} as const
