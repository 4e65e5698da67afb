/** Somebody who can log in. Everything here is public: it is an example. */
export type User = {
  readonly id: string
  readonly name: string
  readonly password: string
  /** Base32, as authenticator apps take it. */
  readonly totpSecret: string
  readonly roles: readonly string[]
}

/** The people of the licensing example, by what they may do. */
export const USERS: readonly User[] = [
  {
    id: 'ada',
    name: 'Ada, licence manager',
    password: 'ada-demo',
    totpSecret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
    roles: ['license-manager'],
  },
  {
    id: 'bob',
    name: 'Bob, licence viewer',
    password: 'bob-demo',
    totpSecret: 'KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU',
    roles: ['license-viewer'],
  },
  {
    id: 'carol',
    name: 'Carol, licence administrator',
    password: 'carol-demo',
    totpSecret: 'MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK',
    roles: ['license-admin', 'license-manager'],
  },
]

/** The user of that name, or undefined. */
export function findUser(id: string): User | undefined {
  return USERS.find((user) => user.id === id)
}
