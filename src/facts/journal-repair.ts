import type { Journal, JournalEntry, JournalReader } from './journal.ts'
import { createStanding, type Standing } from './standing.ts'

/** Writes again what a journal has lost; told of everything that its reader is told of. */
export type JournalRepair = Pick<JournalReader, 'read' | 'lost' | 'caughtUp'>

/** What it needs: what is remembered, and where it is to be written. */
export type JournalRepairOptions = {
  readonly journal: Pick<Journal, 'append'>
  readonly standing: Standing
  /** That of the standing. */
  readonly capacity?: number | undefined
  /** Something could not be written; it will be tried again. */
  readonly failed: (error: unknown) => void
  /** From 0 to below 1: each replica begins elsewhere. */
  readonly random: () => number
}

/** What the journal has since it was lost, and what has still to be looked at, null before it has been read once. */
type Loss = { readonly held: Standing; untold: JournalEntry[] | null }

/** Entries that are written at once. */
const SOME = 100

/**
 * Creates it. Every replica repairs at the same time: each skips what another has written meanwhile, as a journal with
 * everything many times over would be cut off.
 */
export function createJournalRepair(options: JournalRepairOptions): JournalRepair {
  const { journal, standing, capacity, failed, random } = options
  let loss: Loss | null = null
  let isTelling = false

  async function tell(from: Loss, untold: JournalEntry[]): Promise<void> {
    while (loss === from) {
      const some = takeSome(untold, from.held)
      if (some.length === 0) {
        loss = null
        return
      }
      try {
        await journal.append(some)
      } catch (error) {
        untold.push(...some)
        failed(error)
        return
      }
    }
  }

  async function tellAgain(from: Loss): Promise<void> {
    isTelling = true
    from.untold ??= turned(standing.entries().filter(from.held.isNews), random())
    await tell(from, from.untold)
    isTelling = false
  }

  return {
    read: (entry) => void loss?.held.apply(entry),
    lost: () => {
      loss = { held: createStanding({ ...(capacity !== undefined && { capacity }) }), untold: null }
    },
    caughtUp: () => {
      if (loss !== null && !isTelling) void tellAgain(loss)
    },
  }
}

/** Takes entries from the end that the journal does not have yet. */
function takeSome(untold: JournalEntry[], held: Standing): readonly JournalEntry[] {
  const some: JournalEntry[] = []
  while (some.length < SOME) {
    const entry = untold.pop()
    if (entry === undefined) break
    if (held.isNews(entry)) some.push(entry)
  }
  return some
}

function turned(entries: readonly JournalEntry[], share: number): JournalEntry[] {
  const at = Math.floor(entries.length * share)
  return [...entries.slice(at), ...entries.slice(0, at)]
}
