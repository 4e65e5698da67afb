import { z } from 'zod'
import type { JournalEntry } from './journal.ts'

const at = z.number()
const subject = z.object({ issuer: z.string(), id: z.string() })

/** An entry as it is written: JSON, a member more or less in another version. */
const entrySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('session-revoked'), subject, session: z.string().nullable(), at }),
  z.object({ kind: z.literal('session-ended'), issuer: z.string(), session: z.string(), at }),
  z.object({ kind: z.literal('account'), subject, disabled: z.boolean(), at }),
  z.object({ kind: z.literal('device'), device: z.string(), compliant: z.boolean(), at }),
  z.object({ kind: z.literal('forgotten'), at }),
])

/** Reads an entry; null for what is none, or one of a later version. */
export function readEntry(text: string): JournalEntry | null {
  try {
    return entrySchema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}
