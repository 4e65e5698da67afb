import type { CompiledPolicy } from '../src/policy/compiled-policy.ts'
import { POLICIES, playPerson, type Week } from '../test/support/everyday.ts'
import { type Haul, playThief, THIEVES } from '../test/support/thieves.ts'

/*
 * `npm run bench:prompts`: how often people are asked to log in beyond once a day and device, and how often somebody is
 * who has stolen a token. Made-up people at four weeks of work, always the same; each answers every challenge. The day has 30
 * to 32 requests, a quarter of them changes; half of the people travel once, a quarter gets a new phone.
 */

const PEOPLE = 200
const VICTIMS = 50

for (const [name, policy] of Object.entries(POLICIES)) {
  console.log(`\nThe ${name} policy: prompts per 1,000 requests of ${PEOPLE} people`)
  console.table(peopleUnder(policy))
  console.log(`Changes asked for with ${VICTIMS} stolen tokens, in per cent`)
  console.table(thievesUnder(policy))
}

function peopleUnder(policy: CompiledPolicy) {
  const sums: Week[] = []
  let news = 0
  for (let number = 0; number < PEOPLE; number += 1) {
    const { life, weeks } = playPerson(policy, number)
    news += life.news
    for (const [at, week] of weeks.entries()) sums[at] = added(sums[at], week)
  }
  const asked = sums.reduce((sum, { byNews }) => sum + byNews, 0)
  console.log(
    `${news} new devices, browsers, roles and borders crossed; asked ${asked} times about them`,
  )
  return Object.fromEntries(sums.map((sum, at) => [`week ${at + 1}`, rowOf(sum)]))
}

function added(sum: Week | undefined, week: Week): Week {
  if (sum === undefined) return { ...week }
  return {
    requests: sum.requests + week.requests,
    changes: sum.changes + week.changes,
    byNews: sum.byNews + week.byNews,
    otherwise: sum.otherwise + week.otherwise,
    refused: sum.refused + week.refused,
  }
}

function rowOf({ requests, changes, byNews, otherwise, refused }: Week) {
  const perThousand = (count: number) => Number(((1000 * count) / requests).toFixed(2))
  return {
    requests,
    changes,
    'about something new': perThousand(byNews),
    'about operation, hour, age': perThousand(otherwise),
    refused: perThousand(refused),
  }
}

function thievesUnder(policy: CompiledPolicy) {
  const rows = Object.entries(THIEVES).map(([name, disguise]) => {
    const sum: Haul = { allowed: 0, challenged: 0, refused: 0 }
    for (let number = 0; number < VICTIMS; number += 1) {
      const haul = playThief(policy, number, disguise)
      for (const outcome of ['allowed', 'challenged', 'refused'] as const)
        sum[outcome] += haul[outcome]
    }
    return [name, inPerCent(sum)] as const
  })
  return Object.fromEntries(rows)
}

function inPerCent({ allowed, challenged, refused }: Haul): Haul {
  const all = allowed + challenged + refused
  const share = (count: number) => Number(((100 * count) / all).toFixed(1))
  return { allowed: share(allowed), challenged: share(challenged), refused: share(refused) }
}
