/* `npx node scripts/keycloak-token.ts ISSUER USER [LEVEL]` logs a user of the example realm in at a running Keycloak, on its
   own pages, and prints the access token alone. LEVEL is password (the default) or mfa. */
import { createPerson } from '../test/keycloak/person.ts'
import { secretsOf } from '../test/keycloak/trap-realms.ts'
import { MFA, PASSWORD } from '../test/keycloak/traps.ts'

const LEVELS: Readonly<Record<string, string>> = { password: PASSWORD, mfa: MFA }

const [issuer, username, level = 'password'] = process.argv.slice(2)
const acrValues = LEVELS[level]
if (issuer === undefined || username === undefined || acrValues === undefined) {
  process.stderr.write('usage: npx node scripts/keycloak-token.ts ISSUER USER [password | mfa]\n')
  process.exitCode = 2
} else {
  const person = await createPerson(issuer, secretsOf(username))
  process.stdout.write(`${await person.login({ acrValues })}\n`)
}
