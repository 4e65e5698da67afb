/* `npm run test:keycloak`: not part of `npm test`, since a Keycloak takes a minute to start and half a gigabyte. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { nextSecond } from '../end-to-end/step-up-world.ts'
import { chase, summary, wishIn } from './chase.ts'
import { type Keycloak, startKeycloak } from './keycloak.ts'
import { findKeycloak } from './keycloak-home.ts'
import { createPerson, essential, loginIn, robotToken } from './person.ts'
import { REALM_FILE, readRealm } from './realm.ts'
import { INES, NILS, secretsOf, trapRealms } from './trap-realms.ts'
import { type Caller, MFA, PASSWORD, TIER, TRAP_REALMS, TRAPS, type Trap } from './traps.ts'
import { startWorld, type World } from './world.ts'

const CHALLENGED = '401 insufficient_user_authentication'
const AGAIN = { acrValues: MFA, maxAge: 0 }

let keycloak: Keycloak
before(
  async () => {
    const say = (line: string) => void process.stderr.write(`${line}\n`)
    const home = await findKeycloak({ env: process.env, say })
    const realms = { licensing: readFileSync(REALM_FILE, 'utf8'), ...trapRealms(readRealm()) }
    keycloak = await startKeycloak({ home, realms, env: process.env })
  },
  { timeout: 900_000 },
)
after(() => keycloak?.stop())
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

describe('the realm as it is shipped', () => {
  let world: World
  before(async () => {
    world = await startWorld(keycloak.issuerOf('licensing'))
  })
  after(() => world?.stop())

  it('a password reads, is challenged for a change, and passes with the code', async () => {
    const ada = await createPerson(world.issuer, secretsOf('ada'))
    const token = await ada.login()
    assert.deepEqual(ada.asked(), ['password'])
    const weak = loginIn(token)
    assert.deepEqual([weak.acr, weak.amr], [PASSWORD, ['pwd']])
    const read = await world.send(token, { method: 'GET', path: '/v1/licenses' })
    assert.equal(read.status, 200)

    const refused = await world.send(token, TIER)
    assert.equal(summary(refused), CHALLENGED)
    const wish = wishIn(refused)
    assert.deepEqual(wish, { acrValues: MFA, maxAge: 28_800 })
    await nextSecond()
    const stronger = await ada.login(wish ?? {})
    assert.deepEqual(ada.asked(), ['otp'], 'only what is missing')
    const strong = loginIn(stronger)
    assert.deepEqual([strong.acr, strong.amr], [MFA, ['pwd', 'otp']])
    assert.ok(Number(strong.time) > Number(weak.time), 'a code alone renews auth_time')
    const { status, body } = await world.send(stronger, TIER)
    assert.equal(status, 200)
    assert.deepEqual((body.seen as Record<string, string[]>)['x-stepgate-level'], ['mfa'])

    await nextSecond()
    assert.deepEqual(loginIn(await ada.refresh()), strong)
  })

  it('a revocation takes a login that was made for it, and spends it', async () => {
    const carol = await createPerson(world.issuer, secretsOf('carol'))
    const token = await carol.login({ acrValues: MFA })
    const refused = await world.send(token, { method: 'DELETE', path: '/v1/licenses/L-2' })
    assert.deepEqual(wishIn(refused), AGAIN)
    await nextSecond()
    const once = await carol.login(AGAIN)
    assert.deepEqual(carol.asked(), ['password', 'otp'])
    const revoke = (path: string) => world.send(once, { method: 'DELETE', path })
    assert.equal((await revoke('/v1/licenses/L-2')).status, 200)
    assert.equal(summary(await revoke('/v1/licenses/L-3')), CHALLENGED)
  })

  it('who is no manager, and who is a program, is told no without a challenge', async () => {
    const bob = await createPerson(world.issuer, secretsOf('bob'))
    assert.equal(summary(await world.send(await bob.login(), TIER)), '403 no-rule')
    const robot = await robotToken(world.issuer)
    assert.equal(summary(await world.send(robot, TIER)), '403 step-up-impossible')
  })
})

for (const realm of TRAP_REALMS) {
  describe(`the realm ${realm}`, { concurrency: true }, () => {
    let world: World
    before(async () => {
      world = await startWorld(keycloak.issuerOf(realm))
    })
    after(() => world?.stop())

    for (const trap of TRAPS.filter((one) => one.realm === realm))
      it(`${trap.name}: refused in the end`, () => spring(trap, world))

    if (realm === 'levels') {
      it('a lowered acr comes back when the challenge is heeded, without another code', async () => {
        const ines = await createPerson(world.issuer, secretsOf(INES))
        await ines.login({ acrValues: MFA })
        const lowered = await ines.login({ acrValues: PASSWORD })
        const answers = await chase(world, TIER, lowered, (wish) => ines.login(wish))
        assert.deepEqual([answers, ines.asked()], [[CHALLENGED, '200'], []])
      })

      it('an essential acr that the realm does not know ends at Keycloak', async () => {
        const ines = await createPerson(world.issuer, secretsOf(INES))
        const login = ines.login({}, essential('urn:example:acr:phishing-resistant'))
        await assert.rejects(login, /Invalid parameter: claims/)
      })

      it('who has no second factor cannot make one on the way', async () => {
        const nils = await createPerson(world.issuer, secretsOf(NILS))
        await assert.rejects(nils.login({ acrValues: MFA }), /credential setup required/)
      })
    }
  })
}

async function seconds(count: number): Promise<void> {
  for (let passed = 0; passed < count; passed++) await nextSecond()
}

/** The token says what the trap is about, and gets whoever has it nowhere, for as long as they try. */
async function spring(trap: Trap, world: World): Promise<void> {
  const { user, request = TIER, first, again, says } = trap
  const secrets = secretsOf(user)
  const person = await createPerson(world.issuer, secrets)
  const caller: Caller = { person, issuer: world.issuer, secrets, seconds }
  const token = await first(caller)
  const { acr, amr, time } = loginIn(token)
  assert.deepEqual({ acr, amr, dated: time !== null }, says)
  const answers = await chase(world, request, token, (wish) => again(caller, wish))
  assert.deepEqual(answers, [CHALLENGED, CHALLENGED, CHALLENGED, '403 step-up-loop'])
}
