import type { LoginWish } from '../../examples/client/step-up.ts'
import type { RawAnswer } from '../end-to-end/raw-request.ts'
import { nextSecond } from '../end-to-end/step-up-world.ts'
import { parseChallenges } from '../support/challenge-parser.ts'
import type { OfficeRequest } from './traps.ts'
import type { World } from './world.ts'

/** More challenges than this would be a loop without an end. */
const ROUNDS = 8

/** Sends a request, and again after each challenge with the next token; status and reason of each answer. */
export async function chase(
  world: World,
  request: OfficeRequest,
  first: string,
  again: (wish: LoginWish) => Promise<string>,
): Promise<readonly string[]> {
  const answers: string[] = []
  let token = first
  for (let round = 0; round < ROUNDS; round++) {
    const answer = await world.send(token, request)
    answers.push(summary(answer))
    const wish = wishIn(answer)
    if (wish === null) break
    // A login of the second in which the challenge was given answers none.
    await nextSecond()
    token = await again(wish)
  }
  return answers
}

/** Status and reason: `403 no-rule`. */
export function summary({ status, body }: RawAnswer): string {
  return body.reason === undefined ? String(status) : `${status} ${body.reason}`
}

/** What a challenge asks for; null when there is none. */
export function wishIn({ headers }: RawAnswer): LoginWish | null {
  const header = headers['www-authenticate']
  if (header === undefined) return null
  const { acr_values: acrValues, max_age: maxAge } = parseChallenges(header)[0]?.parameters ?? {}
  return {
    ...(acrValues === undefined ? {} : { acrValues }),
    ...(maxAge === undefined ? {} : { maxAge: Number(maxAge) }),
  }
}
