import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { POLICY } from '../../demo/stack.ts'
import { PORTAL, RESOURCE, ROBOT } from '../../examples/identity-provider/clients.ts'
import { USERS } from '../../examples/identity-provider/users.ts'
import { codeIn, tableRows } from '../docs/markdown.ts'
import { type RealmClient, readRealm } from './realm.ts'

const GUIDE = 'docs/providers/keycloak.md'
const HOUR = 3600

const realm = readRealm()
const levels = JSON.parse(realm.attributes['acr.loa.map'] ?? '') as Record<string, number>
const executions = realm.authenticationFlows.flatMap((flow) =>
  flow.authenticationExecutions.map((execution) => ({ flow: flow.alias, ...execution })),
)
const configs = new Map(realm.authenticatorConfig.map(({ alias, config }) => [alias, config]))

describe('the realm of deploy/keycloak', () => {
  it('has a level for each of the first rungs of the ladder, in their order and no older than they may be', () => {
    const ladder = (parse(readFileSync(POLICY, 'utf8')) as { assurance: readonly Rung[] }).assurance
    for (const [name, loa] of Object.entries(levels)) {
      const rung = ladder[loa - 1]
      assert.deepEqual(rung?.acr.idp, [name])
      const age = Number(conditionOf(loa)['loa-max-age'])
      if (rung?.max_age !== undefined) assert.equal(rung.max_age, `${age / HOUR}h`)
    }
    assert.equal(Object.keys(levels).length, 2)
  })

  it('names the method of every level, and for as long as the level lasts', () => {
    const methods: string[] = []
    const ladder = (parse(readFileSync(POLICY, 'utf8')) as { assurance: readonly Rung[] }).assurance
    for (const loa of Object.values(levels)) {
      const condition = conditionOf(loa)
      const { flow } = executionOf(
        ({ authenticatorConfig = '' }) => configs.get(authenticatorConfig) === condition,
      )
      const others = executions.filter((one) => one.flow === flow && !isCondition(one))
      for (const { authenticatorConfig = '', requirement } of others) {
        assert.equal(requirement, 'REQUIRED')
        const config = configs.get(authenticatorConfig)
        assert.equal(config?.['default.reference.maxAge'], condition['loa-max-age'])
        methods.push(config?.['default.reference.value'] ?? '')
      }
      assert.deepEqual(ladder[loa - 1]?.amr, [methods])
    }
  })

  it('has flows without loose ends', () => {
    const flows = realm.authenticationFlows.map(({ alias }) => alias)
    for (const { flowAlias, authenticatorConfig } of executions) {
      if (flowAlias !== undefined) assert.ok(flows.includes(flowAlias), flowAlias)
      if (authenticatorConfig !== undefined) assert.ok(configs.has(authenticatorConfig))
    }
    const tops = [realm.browserFlow, realm.directGrantFlow, realm.clientAuthenticationFlow]
    const used = [...tops, ...executions.map(({ flowAlias }) => flowAlias)]
    assert.deepEqual(flows.toSorted(), used.filter((alias) => alias !== undefined).toSorted())
    const settings = executions.flatMap(({ authenticatorConfig = [] }) => authenticatorConfig)
    assert.deepEqual([...configs.keys()].toSorted(), settings.toSorted())
  })

  it('lets nobody set up a second factor on the way to one', () => {
    const action = realm.requiredActions.find(({ alias }) => alias === 'CONFIGURE_TOTP')
    assert.equal(action?.enabled, false)
  })

  it('has the users of the example, who know and have the same', () => {
    const people = realm.users.filter(({ credentials }) => credentials !== undefined)
    const known = people.map(({ username, realmRoles, credentials = [] }) => {
      const [password, otp] = credentials
      const { value: totpSecret } = JSON.parse(otp?.secretData ?? '{}') as { value?: string }
      return { id: username, password: password?.value, totpSecret, roles: realmRoles.toSorted() }
    })
    const users = USERS.map(({ id, password, totpSecret, roles }) => {
      return { id, password, totpSecret, roles: roles.toSorted() }
    })
    assert.deepEqual(known, users)
  })

  it('has the portal and the robot of the example, and puts into their tokens what rules need', () => {
    const portal = clientOf(PORTAL.client_id)
    assert.deepEqual(portal.redirectUris, PORTAL.redirect_uris)
    assert.ok(portal.publicClient && !portal.directAccessGrantsEnabled)
    assert.equal(portal.attributes?.['pkce.code.challenge.method'], 'S256')
    assert.equal(clientOf(ROBOT.client_id).secret, ROBOT.client_secret)
    for (const { clientId, defaultClientScopes, protocolMappers } of realm.clients) {
      assert.deepEqual(defaultClientScopes, ['basic', 'acr', 'roles'], clientId)
      const mapper = (name: string) => protocolMappers.find((one) => one.protocolMapper === name)
      assert.equal(mapper('oidc-audience-mapper')?.config['included.custom.audience'], RESOURCE)
      const person = clientId !== ROBOT.client_id
      assert.equal(
        mapper('oidc-amr-mapper')?.config['access.token.claim'],
        person ? 'true' : undefined,
      )
    }
  })
})

describe(GUIDE, () => {
  const text = readFileSync(new URL('../../deploy/keycloak/realm.json', import.meta.url), 'utf8')

  it('names only what is in the realm', () => {
    const rows = tableRows(GUIDE, 'in the realm')
    assert.ok(rows.length >= 6)
    for (const code of rows.flatMap(([cell]) => codeIn(cell)))
      assert.ok(text.includes(JSON.stringify(code)), code)
  })

  it('says the levels and their ages as they are', () => {
    const rows = tableRows(GUIDE, 'level').map(([level, acr, , age]) => [
      Number(level),
      codeIn(acr)[0],
      age,
    ])
    const real = Object.entries(levels).map(([acr, loa]) => {
      return [loa, acr, `${Number(conditionOf(loa)['loa-max-age']) / HOUR} h`]
    })
    assert.deepEqual(rows, real)
  })
})

type Rung = {
  readonly acr: { readonly idp: readonly string[] }
  readonly amr: readonly (readonly string[])[]
  readonly max_age?: string
}

type Execution = (typeof executions)[number]

function conditionOf(loa: number): Readonly<Record<string, string>> {
  const found = [...configs.values()].filter((one) => one['loa-condition-level'] === String(loa))
  assert.equal(found.length, 1, `level ${loa}`)
  return found[0] ?? {}
}

function isCondition({ authenticator }: Execution): boolean {
  return authenticator === 'conditional-level-of-authentication'
}

function executionOf(fits: (execution: Execution) => boolean): Execution {
  const found = executions.find(fits)
  assert.ok(found)
  return found
}

function clientOf(id: string): RealmClient {
  const client = realm.clients.find(({ clientId }) => clientId === id)
  assert.ok(client, id)
  return client
}
