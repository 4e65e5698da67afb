import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A realm as Keycloak imports it, as far as it is looked at or changed here. */
export type Realm = {
  readonly realm: string
  readonly attributes: Readonly<Record<string, string>>
  readonly browserFlow: string
  readonly directGrantFlow: string
  readonly clientAuthenticationFlow: string
  readonly authenticationFlows: readonly Flow[]
  readonly authenticatorConfig: readonly AuthenticatorConfig[]
  readonly requiredActions: readonly { readonly alias: string; readonly enabled: boolean }[]
  readonly users: readonly RealmUser[]
  readonly clients: readonly RealmClient[]
}

/** A flow of authenticators and further flows. */
export type Flow = {
  readonly alias: string
  readonly authenticationExecutions: readonly {
    readonly authenticator?: string
    readonly flowAlias?: string
    readonly authenticatorConfig?: string
    readonly requirement: string
  }[]
}

/** The settings of an authenticator in a flow. */
export type AuthenticatorConfig = {
  readonly alias: string
  readonly config: Readonly<Record<string, string>>
}

/** Somebody of a realm. */
export type RealmUser = {
  readonly username: string
  readonly email?: string
  readonly realmRoles: readonly string[]
  readonly credentials?: readonly {
    readonly type: string
    readonly value?: string
    readonly secretData?: string
  }[]
}

/** A client of a realm. */
export type RealmClient = {
  readonly clientId: string
  readonly secret?: string
  readonly publicClient: boolean
  readonly standardFlowEnabled: boolean
  readonly directAccessGrantsEnabled: boolean
  readonly redirectUris?: readonly string[]
  readonly attributes?: Readonly<Record<string, string>>
  readonly defaultClientScopes: readonly string[]
  readonly protocolMappers: readonly {
    readonly protocolMapper: string
    readonly config: Readonly<Record<string, string>>
  }[]
}

/** The realm that the guide explains and docker compose imports. */
export const REALM_FILE = join(import.meta.dirname, '../../deploy/keycloak/realm.json')

/** Reads it. */
export function readRealm(): Realm {
  return JSON.parse(readFileSync(REALM_FILE, 'utf8')) as Realm
}
