import type { SecurityEvent } from '../../src/domain/security-event.ts'
import { createMemoryJournal } from '../../src/facts/journal.ts'
import { createMemoryUses } from '../../src/facts/memory-uses.ts'
import { createStandings, type Standings } from '../../src/facts/standings.ts'
import { createMissingKeys } from '../../src/shared-signals/missing-keys.ts'
import {
  createReceive,
  type Receipt,
  type ReceiveDeps,
  type SetReport,
} from '../../src/shared-signals/receive.ts'
import type { Stream } from '../../src/shared-signals/stream.ts'
import { EC, keySet, NOW, RSA } from '../identity/tokens.ts'
import { IDP_URL, STREAM } from './sets.ts'

const KEYS = await keySet(EC, RSA)

/** A receiver in front of what really keeps events, on a clock that the test moves. */
export type ReceiveWorld = AsyncDisposable & {
  readonly receive: (set: string) => Promise<Receipt>
  readonly standings: Standings
  readonly reports: SetReport[]
  /** Every event that changed something. */
  readonly changes: SecurityEvent[]
  readonly forgotten: string[]
  /** Times that keys were asked for. */
  readonly asked: () => number
  readonly keysLoaded: () => void
  /** In milliseconds. */
  now: number
}

export function receiveWorld(
  stream: Partial<Stream> = {},
  change: Partial<ReceiveDeps> = {},
): ReceiveWorld {
  const [reports, changes, forgotten]: [SetReport[], SecurityEvent[], string[]] = [[], [], []]
  let asks = 0
  const now = () => world.now
  const missing = createMissingKeys(() => void asks++, now)
  const standings = createStandings({
    journal: createMemoryJournal(),
    now,
    onEvent: (event) => changes.push(event),
    onCurrent: () => {},
    failed: (error) => {
      throw error
    },
  })
  const receive = createReceive({
    issuers: new Map([
      [IDP_URL, 'idp'],
      ['https://partner.example.com', 'partner'],
    ]),
    keysOf: () => KEYS,
    missed: missing.missed,
    tell: standings.tell,
    forget: ({ issuer, id }) => forgotten.push(`${issuer} ${id}`),
    useOnce: createMemoryUses(100),
    onReceived: (report) => reports.push(report),
    now,
    ...change,
  })
  const world: ReceiveWorld = {
    receive: (set) => receive({ ...STREAM, ...stream }, set),
    standings,
    reports,
    changes,
    forgotten,
    asked: () => asks,
    keysLoaded: () => missing.loaded(STREAM.name),
    now: NOW * 1000,
    [Symbol.asyncDispose]: () => standings.stop(),
  }
  return world
}
