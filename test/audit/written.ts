import { readFileSync, writeFileSync } from 'node:fs'
import type { Verification } from '../../src/audit/verification.ts'
import { entry, fresh, open, verify } from './support.ts'

/** A file with a record of 12 entries that was ended in order, and a path for what a test makes of it. */
export const whole = fresh()
export const changed = `${whole}.changed`

const { audit } = await open(whole)
for (let number = 0; number < 12; number++) audit.append(entry(number))
await audit.stop()

/** The lines of that file, without their line feeds. */
export const lines: readonly string[] = readFileSync(whole, 'utf8').split('\n').slice(0, -1)

/** Verifies these lines as a file. */
export function verifyLines(some: readonly string[]): Promise<Verification> {
  writeFileSync(changed, some.map((line) => `${line}\n`).join(''))
  return verify(changed)
}
