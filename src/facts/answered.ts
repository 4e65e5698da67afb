import { LRUCache } from 'lru-cache'
import type { Satisfied } from '../domain/facts.ts'
import type { Shown } from './shown.ts'

/** Whether a request that met a requirement may be the answer to a challenge that the store still remembers. */
export type MayBeAnswer = (shown: Shown, satisfied: Satisfied, now: number) => boolean

/** Tokens that were told of, each with a requirement. */
const REMEMBERED = 10_000

/**
 * Makes the function. Only a token that was issued within the window (ms) can answer a challenge of it, and each need be
 * told of once: so a stepped-up token costs one call of the store, and not one with each request.
 */
export function createMayBeAnswer(window: number): MayBeAnswer {
  const told = new LRUCache<string, true>({ max: REMEMBERED })
  return ({ subject, login }, { about }, now) => {
    const issued = login?.issuedAt ?? login?.authTime ?? null
    if (issued !== null && issued * 1000 + window < now) return false
    const key = JSON.stringify([subject?.issuer, subject?.id, issued, about])
    if (told.has(key)) return false
    told.set(key, true)
    return true
  }
}
