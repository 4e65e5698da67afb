import assert from 'node:assert/strict'
import type { Decision } from '../../src/domain/decision.ts'
import type { City } from '../support/chain.ts'
import { type Held, openScene, sentByAda, sentByThief } from './thief-scene.ts'
import { type Act, type AdaAsks, isWatched, type Story, type ThiefAsks } from './thief-stories.ts'

const MINUTE = 60_000

/** That clocks may differ, in milliseconds. */
const SKEW = 10_000

/** That a first sight waits for a login. */
const VOUCHED = 24 * 60 * MINUTE + SKEW

/** After half a year a subject that was not seen is forgotten. */
const FORGOTTEN = 180 * 24 * 60 * MINUTE - SKEW

/** Where Ada is known to have been, by the store of one replica. */
export type Whereabouts = {
  /** In one of these she was accepted last; none when nothing is known of her. */
  readonly accepted: ReadonlySet<City>
  /** Milliseconds since she certainly was in the one that is named alone. */
  readonly since: number
  /** Here she was seen so lately that her login may vouch for it. */
  readonly lately: ReadonlySet<City>
}

/** One request of the thief's, and what came of it. */
export type Seen = {
  readonly act: ThiefAsks
  readonly decision: Decision
  readonly stolen: Held
  /** Of the stolen login, in milliseconds. */
  readonly age: number
  readonly ada: Whereabouts
}

/** Plays a story and shows each request of the thief's; answers what Ada does afterwards. */
export function play(story: Story, watch: (seen: Seen) => void) {
  const scene = openScene(story)
  const witness = createWitness(story, scene.now)
  let held = scene.login('pwd')
  let stolen = held
  const adaAsksOnce = (act: AdaAsks) => {
    scene.nextStream()
    const token = scene.renewed(['manager', 'reader'], held)
    const decision = scene.ask(act.replica, sentByAda(act), token)
    witness.note(act, decision)
    return decision
  }
  const adaAsks = (act: AdaAsks) => {
    const decision = adaAsksOnce(act)
    if (decision.outcome !== 'step_up' || act.answersAfter === null) return decision
    scene.wait(act.answersAfter)
    held = scene.login('mfa')
    return adaAsksOnce(act)
  }
  const thiefAsks = (act: ThiefAsks) => {
    const sent = sentByThief(act, scene.nextStream())
    const token = scene.renewed(ROLES[act.roles], stolen)
    for (let times = act.retried ? 2 : 1; times > 0; times -= 1) {
      const ada = witness.whereabouts(act.replica)
      const decision = scene.ask(act.replica, sent, token)
      watch({ act, decision, stolen, age: scene.ageOf(stolen), ada })
      if (ada.lately.has(act.city)) witness.suspect(act, decision)
    }
  }
  const step = (act: Act): void => {
    switch (act.kind) {
      case 'wait':
        scene.wait(act.ms)
        break
      case 'empty':
        witness.forget()
        scene.empty()
        break
      case 'login':
        held = scene.login(act.acr)
        break
      case 'ada':
        adaAsks(act)
        break
      case 'thief':
        thiefAsks(act)
    }
  }
  story.before.forEach(step)
  stolen = held
  story.after.forEach(step)
  return { adaAsks, wait: scene.wait }
}

const ROLES = {
  stolen: ['manager', 'reader'],
  more: ['admin', 'manager', 'reader'],
  fewer: ['reader'],
}

/** What an onlooker can say of Ada who sees her requests and their answers, and knows nothing of stores. */
function createWitness(story: Story, now: () => number) {
  const blank = () =>
    story.skews.map(() => ({ accepted: new Set<City>(), at: 0, seen: new Map<City, number>() }))
  let known = blank()
  const of = (replica: number) => known[story.shared ? 0 : replica] ?? assert.fail()
  return {
    forget: () => {
      known = blank()
    },
    note: ({ what, city, replica }: AdaAsks, { outcome, risk }: Decision) => {
      if (!isWatched(story, what)) return
      const { accepted, seen } = of(replica)
      seen.set(city, now())
      if (outcome !== 'allow') return
      // While a signal is on, the place may be learnt or not.
      const isElsewhere = risk?.signals.some((id) => id === 'country' || id === 'speed')
      if (isElsewhere) accepted.add(city)
      else Object.assign(of(replica), { accepted: new Set([city]), at: now() })
    },
    /** The thief may have been taken for her. */
    suspect: ({ what, city, replica }: ThiefAsks, { outcome }: Decision) => {
      const { accepted } = of(replica)
      if (isWatched(story, what) && outcome === 'allow' && accepted.size > 0) accepted.add(city)
    },
    whereabouts: (replica: number): Whereabouts => {
      const { accepted, at, seen } = of(replica)
      const since = now() - at
      const lately = [...seen].flatMap(([city, time]) => (now() - time < VOUCHED ? [city] : []))
      return { accepted: since < FORGOTTEN ? accepted : new Set(), since, lately: new Set(lately) }
    },
  }
}
