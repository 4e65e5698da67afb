import type { LoginWish } from '../../examples/client/step-up.ts'
import type { Secrets } from './browser.ts'
import { directGrant, essential, type Person } from './person.ts'

/** The levels of the realm, as its `acr.loa.map` names them. */
export const PASSWORD = 'urn:example:acr:password'
export const MFA = 'urn:example:acr:mfa'

/** A request without who sends it. */
export type OfficeRequest = {
  readonly method: string
  readonly path: string
  readonly body?: Readonly<Record<string, unknown>>
}

/** A change that wants a second factor. */
export const TIER: OfficeRequest = {
  method: 'PUT',
  path: '/v1/licenses/L-1/tier',
  body: { tier: 'business', seats: 60 },
}

const ROLE: OfficeRequest = {
  method: 'PUT',
  path: '/v1/users/bob/role',
  body: { role: 'license-viewer' },
}

/** The realms of the traps, by what is special about them. */
export type TrapRealm = (typeof TRAP_REALMS)[number]

export const TRAP_REALMS = [
  'levels',
  'default-flow',
  'short-method',
  'short-level',
  'set-up',
] as const

/** Something that Keycloak does and that must open nothing: how a client comes by the token, first and at each challenge. */
export type Trap = {
  readonly name: string
  readonly realm: TrapRealm
  readonly user: string
  readonly request?: OfficeRequest
  readonly first: (caller: Caller) => Promise<string>
  readonly again: (caller: Caller, wish: LoginWish) => Promise<string>
  /** What the first token says, and whether it says when the user logged in. */
  readonly says: { readonly acr: string; readonly amr: readonly string[]; readonly dated: boolean }
}

/** Who meets a trap. */
export type Caller = {
  readonly person: Person
  readonly issuer: string
  readonly secrets: Secrets
  /** Resolves when that many seconds are over for Keycloak, whose clock has whole ones. */
  readonly seconds: (count: number) => Promise<void>
}

/** Each with a user of its own: attempts are counted by subject. */
export const TRAPS: readonly Trap[] = [
  {
    name: 'a weaker level asked for in a stronger session lowers acr',
    realm: 'levels',
    user: 'lena',
    first: async ({ person }) => {
      await person.login({ acrValues: MFA })
      return await person.login({ acrValues: PASSWORD })
    },
    again: ({ person }) => person.login({ acrValues: PASSWORD }),
    says: { acr: PASSWORD, amr: ['pwd', 'otp'], dated: true },
  },
  {
    name: 'a new login that asks for no level lowers it as well',
    realm: 'levels',
    user: 'paul',
    first: async ({ person }) => {
      await person.login({ acrValues: MFA })
      return await person.login({}, { prompt: 'login' })
    },
    again: ({ person }) => person.login({}, { prompt: 'login' }),
    says: { acr: PASSWORD, amr: ['pwd'], dated: true },
  },
  {
    name: 'a password at the token endpoint gives an acr, no method and no auth_time',
    realm: 'levels',
    user: 'dirk',
    first: ({ issuer, secrets }) => directGrant(issuer, secrets),
    again: ({ issuer, secrets }) => directGrant(issuer, secrets),
    says: { acr: PASSWORD, amr: [], dated: false },
  },
  {
    name: 'a level that the realm does not know is ignored',
    realm: 'levels',
    user: 'carol',
    request: ROLE,
    first: ({ person }) => person.login({ acrValues: MFA }),
    again: ({ person }, { acrValues = '' }) => person.login({ acrValues }),
    says: { acr: MFA, amr: ['pwd', 'otp'], dated: true },
  },
  {
    name: 'the default flow ignores acr_values',
    realm: 'default-flow',
    user: 'vera',
    first: ({ person }) => person.login({ acrValues: MFA }),
    again: ({ person }, wish) => person.login(wish),
    says: { acr: PASSWORD, amr: [], dated: true },
  },
  {
    name: 'the default flow ignores an essential acr',
    realm: 'default-flow',
    user: 'edda',
    first: ({ person }) => person.login({}, essential(MFA)),
    again: ({ person }) => person.login({}, essential(MFA)),
    says: { acr: PASSWORD, amr: [], dated: true },
  },
  {
    name: 'a session that is used again gives acr 0',
    realm: 'default-flow',
    user: 'otto',
    first: async ({ person, seconds }) => {
      await person.login()
      await seconds(1)
      return await person.login()
    },
    again: ({ person }) => person.login(),
    says: { acr: '0', amr: [], dated: true },
  },
  {
    name: 'a level outlives the method that it stands for',
    realm: 'short-method',
    user: 'gerd',
    first: async ({ person, seconds }) => {
      await person.login({ acrValues: MFA })
      await seconds(2)
      return await person.login({ acrValues: MFA })
    },
    again: ({ person }, wish) => person.login(wish),
    says: { acr: MFA, amr: ['pwd'], dated: true },
  },
  {
    name: 'a session that is used again after its level has ended gives acr 0, and the methods',
    realm: 'short-level',
    user: 'tess',
    first: async ({ person, seconds }) => {
      await person.login({ acrValues: MFA })
      await seconds(2)
      return await person.login()
    },
    again: ({ person }) => person.login(),
    says: { acr: '0', amr: ['pwd', 'otp'], dated: true },
  },
  {
    name: 'a second factor that is set up on the way gives the level, with nothing but a password',
    realm: 'set-up',
    user: 'enno',
    first: ({ person }) => person.login({ acrValues: MFA }),
    again: ({ person }, wish) => person.login(wish),
    says: { acr: MFA, amr: ['pwd'], dated: true },
  },
]
