import { addressIn, type City, type Sent } from './chain.ts'
import type { Random } from './random.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Midnight in Berlin before Monday 23 November 2026. */
const MONDAY = Date.UTC(2026, 10, 22, 23)

/** Weeks that people are watched for, five days each. */
const WEEKS = 4

/** One request of a person's, by their clock. */
export type Visit = {
  readonly at: number
  readonly day: number
  readonly week: number
  /** The program: it has a login of its own. */
  readonly client: string
  readonly roles: readonly string[]
  readonly sent: Sent
}

/** What a person does in four weeks. */
export type Life = {
  readonly id: string
  /** Devices that the company looks after. */
  readonly managed: ReadonlySet<string>
  /** How many things were new: devices, browsers, journeys there and back, roles. */
  readonly news: number
  readonly visits: readonly Visit[]
}

/** What changes for a person on some day; beyond the last day it never does. */
type Plan = {
  readonly number: number
  readonly home: City
  readonly newPhone: number
  readonly newBrowser: number
  readonly promoted: number
  /** Two days in another country from then on. */
  readonly journey: number
  readonly goesTo: City
  readonly networks: { readonly home: number; readonly mobile: number; readonly hotel: number }
}

const NEVER = 99

/** Makes up a life: two devices, an office, a home, the way between them, and now and then something new. */
export function lifeOf(number: number, random: Random): Life {
  const perhaps = (share: number, from: number, to: number) =>
    random.share() < share ? random.between(from, to) : NEVER
  const plan: Plan = {
    number,
    home: random.pick(['berlin', 'munich', 'paris']),
    newPhone: perhaps(0.25, 5, 14),
    newBrowser: perhaps(0.15, 5, 14),
    promoted: perhaps(0.1, 5, 14),
    journey: perhaps(0.5, 1, 12),
    goesTo: 'lisbon',
    networks: { home: number % 200, mobile: 200, hotel: 201 },
  }
  const visits: Visit[] = []
  for (let day = 0; day < WEEKS * 5; day += 1) visits.push(...dayOf(plan, day, random))
  const { newPhone, newBrowser, promoted, journey } = plan
  const changed = [newPhone, newBrowser, promoted].filter((day) => day !== NEVER).length
  return {
    id: `person-${number}`,
    managed: new Set(['laptop', 'phone', 'new-phone'].map((device) => `${device}-${number}`)),
    news: 2 + changed + (journey === NEVER ? 0 : 2),
    visits,
  }
}

type Where = 'home' | 'way' | 'office' | 'hotel'

function dayOf(plan: Plan, day: number, random: Random): Visit[] {
  const isAway = day === plan.journey || day === plan.journey + 1
  const isAtHome = random.share() < 0.3
  const at = MONDAY + (Math.floor(day / 5) * 7 + (day % 5)) * DAY
  const place = isAway ? 'hotel' : isAtHome ? 'home' : 'office'
  const visits: Visit[] = []
  const add = (
    from: number,
    to: number,
    count: number,
    device: 'laptop' | 'phone',
    where: Where,
  ) => {
    for (let left = count; left > 0; left -= 1) {
      const time = at + random.between(from * HOUR, to * HOUR)
      visits.push(visitOf(plan, { at: time, day, device, where }, random))
    }
  }
  add(8, 8.9, 3, 'phone', isAway ? 'hotel' : isAtHome ? 'home' : 'way')
  add(9, 17.5, 24, 'laptop', place)
  add(12, 17.9, 3, 'phone', place)
  if (random.share() < 0.2) add(19, 21, 2, 'laptop', isAway ? 'hotel' : 'home')
  return visits.toSorted((one, other) => one.at - other.at)
}

type When = {
  readonly at: number
  readonly day: number
  readonly device: 'laptop' | 'phone'
  readonly where: Where
}

function visitOf(plan: Plan, { at, day, device, where }: When, random: Random): Visit {
  const isNew = device === 'phone' && day >= plan.newPhone
  const id = `${isNew ? 'new-phone' : device}-${plan.number}`
  const userAgent = device === 'phone' ? phoneAgent(day) : laptopAgent(plan, day)
  const roles = day >= plan.promoted ? ['license-manager', 'license-admin'] : ['license-manager']
  const client = device === 'laptop' && day >= plan.newBrowser ? `${id}-chrome` : id
  const sent = { ...operationOf(random), device: id, userAgent, ip: addressOf(plan, where) }
  return { at, day, week: Math.floor(day / 5), client, roles, sent }
}

function addressOf({ number, home, goesTo, networks }: Plan, where: Where): string {
  switch (where) {
    case 'home':
      return addressIn(home, networks.home)
    case 'way':
      return addressIn(home, networks.mobile)
    case 'hotel':
      return addressIn(goesTo, networks.hotel)
    case 'office':
      return `10.1.0.${number % 250}`
  }
}

/** Browsers update themselves every week. */
function laptopAgent({ newBrowser }: Plan, day: number): string {
  const version = 140 + Math.floor(day / 5)
  const system = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64'
  return day < newBrowser
    ? `${system}; rv:${version}.0) Gecko/20100101 Firefox/${version}.0`
    : `${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36`
}

function phoneAgent(day: number): string {
  const version = 18 + Math.floor(day / 10)
  return `Mozilla/5.0 (iPhone; CPU iPhone OS ${version}_0 like Mac OS X) Version/${version}.0 Mobile/15E148 Safari/604.1`
}

/** Mostly reading; the seats of one person stay below what is much within a day. */
function operationOf(random: Random): Pick<Sent, 'method' | 'path' | 'body'> {
  const license = `/v1/licenses/L-${random.between(1, 500)}`
  const share = random.share()
  if (share < 0.75) return { method: 'GET', path: license }
  if (share < 0.87) return { method: 'POST', path: `${license}/renew` }
  if (share < 0.94) {
    return { method: 'PUT', path: `${license}/tier`, body: { seats: random.between(1, 150) } }
  }
  if (share < 0.98) return { method: 'POST', path: '/v1/licenses', body: { seats: 5 } }
  if (share < 0.99) return { method: 'PUT', path: '/v1/pools/P-1/size', body: { seats: 50 } }
  return { method: 'DELETE', path: license }
}
