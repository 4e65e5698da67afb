import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const SOURCES = join(import.meta.dirname, '../../src')

const FILES = ['file-issues.ts', 'decode-utf8.ts', 'check-masks.ts']

/** Areas of which only these files make issues. */
const AREAS_BY_FILE: readonly Area[] = ['runtime', 'cli']

/** Hyphenated literals in the sources that are no codes; each must occur, or it is left over. */
const NO_CODES: Readonly<Record<Area, readonly string[]>> = {
  policy: [
    '2-digit',
    'content-encoding',
    'content-type',
    'device-known',
    'roles-added',
    'session-age',
    'session-revoked',
    'subject-disabled',
    'utf-8',
  ],
  settings: [
    'accept-language',
    'challenged-and-denied',
    'go-on',
    'user-agent',
    'utf-8',
    'x-forwarded-client-cert',
  ],
  runtime: ['code'],
  cli: [],
}

/** Where issues are made. */
export type Area = 'policy' | 'settings' | 'runtime' | 'cli'

/**
 * The codes that the sources of an area can give, sorted. A code is a hyphenated literal in single quotes, or any
 * literal that is handed to `error`, `warning` and their kin or stands behind `code:`.
 */
export function issueCodes(area: Area): readonly string[] {
  const literals = new Set(readSources(area).flatMap(literalsOf))
  for (const literal of NO_CODES[area]) {
    assert.ok(literals.delete(literal), `${literal} is in no source any more`)
  }
  literals.delete('custom')
  return [...literals].sort()
}

function literalsOf(source: string): readonly string[] {
  const hyphenated = source.matchAll(/'([a-z0-9]+(?:-[a-z0-9]+)+)'/g)
  const reported = source.matchAll(
    /(?:[eE]rror|[wW]arning)\(\s*'([a-z-]+)'|\bcode(?:: | = )'([a-z-]+)'/g,
  )
  return [...hyphenated, ...reported].map(([, one, other]) => one ?? other ?? '')
}

function readSources(area: Area): readonly string[] {
  const folder = join(SOURCES, area)
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return files
    .filter(
      (file) => file.endsWith('.ts') && (!AREAS_BY_FILE.includes(area) || FILES.includes(file)),
    )
    .map((file) => readFileSync(join(folder, file), 'utf8'))
}
