import { LEVELS } from '../examples/identity-provider/levels.ts'
import { createPerson } from './login.ts'

/** Logs in at the provider of a running demo and prints the access token alone; resolves to the exit code. */
export async function printToken(
  issuer: string,
  user: string,
  level: string | undefined,
): Promise<number> {
  const person = await createPerson(issuer, user)
  console.log(await person.login(level === undefined ? {} : { acrValues: acrOf(level) }))
  return 0
}

function acrOf(level: string): string {
  const found = LEVELS.find(({ acr }) => acr.endsWith(`:${level}`))
  if (found === undefined) throw new Error(`the provider has no level "${level}"`)
  return found.acr
}
