import { findUser } from '../../examples/identity-provider/users.ts'
import type { Secrets } from './browser.ts'
import type { Realm } from './realm.ts'
import { TRAPS, type TrapRealm } from './traps.ts'

/** Somebody of a realm for tests who is no user of the example: as Ada, but for the name. */
export const INES = 'ines'
/** Somebody who has not set up a second factor. */
export const NILS = 'nils'

/** The realms of the traps, made from the one that is shipped, as JSON. */
export function trapRealms(shipped: Realm): Readonly<Record<TrapRealm, string>> {
  const named = (name: TrapRealm, more: readonly string[] = []) =>
    withManagers(shipped, name, [...newcomers(name), ...more])
  return {
    levels: JSON.stringify(withoutCodes(named('levels', [INES, NILS]), [NILS])),
    'default-flow': JSON.stringify(
      withDefaultFlows(withoutCodes(named('default-flow'), newcomers('default-flow'))),
    ),
    'short-method': JSON.stringify(
      withAge(named('short-method'), 'amr otp', 'default.reference.maxAge'),
    ),
    'set-up': JSON.stringify(withSetUp(withoutCodes(named('set-up'), newcomers('set-up')))),
    'short-level': JSON.stringify(withAge(named('short-level'), 'level 1', 'loa-max-age')),
  }
}

/** What somebody of these realms logs in with. */
export function secretsOf(username: string): Secrets {
  const user = findUser(username) ?? findUser('ada')
  if (user === undefined) throw new Error('the example has no Ada')
  return { username, password: user.password, totpSecret: user.totpSecret }
}

function newcomers(realm: TrapRealm): readonly string[] {
  const users = TRAPS.filter((trap) => trap.realm === realm).map(({ user }) => user)
  return users.filter((user) => findUser(user) === undefined)
}

function withManagers(realm: Realm, name: string, usernames: readonly string[]): Realm {
  const ada = realm.users.find(({ username }) => username === 'ada')
  if (ada === undefined) throw new Error('the realm has no Ada')
  const more = usernames.map((username) => ({
    ...ada,
    username,
    email: `${username}@example.com`,
  }))
  return { ...realm, realm: name, users: [...realm.users, ...more] }
}

/** With these users as they are before they have a second factor. */
function withoutCodes(realm: Realm, usernames: readonly string[]): Realm {
  const users = realm.users.map((user) => {
    if (!usernames.includes(user.username)) return user
    return { ...user, credentials: (user.credentials ?? []).filter(({ type }) => type !== 'otp') }
  })
  return { ...realm, users }
}

/** As a realm is before anybody has set up levels: with Keycloak's own flows. */
function withDefaultFlows(realm: Realm): object {
  return Object.fromEntries(Object.entries(realm).filter(([key]) => !OF_FLOWS.includes(key)))
}

const OF_FLOWS = [
  'browserFlow',
  'directGrantFlow',
  'clientAuthenticationFlow',
  'authenticationFlows',
  'authenticatorConfig',
  'requiredActions',
]

/** With Keycloak's own required actions, among them the one that sets up an authenticator app. */
function withSetUp({ requiredActions, ...realm }: Realm): object {
  return realm
}

/** With one second as the age of a level or of a method, by the alias of its settings. */
function withAge(realm: Realm, alias: string, key: string): Realm {
  const authenticatorConfig = realm.authenticatorConfig.map((entry) =>
    entry.alias === alias ? { ...entry, config: { ...entry.config, [key]: '1' } } : entry,
  )
  return { ...realm, authenticatorConfig }
}
