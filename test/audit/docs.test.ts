import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { it } from 'node:test'
import { AUDIT_EVENTS } from '../../src/audit/line.ts'
import { DEFAULT_MASK } from '../../src/audit/mask.ts'
import { createPseudonyms, readPseudonymKey } from '../../src/audit/pseudonym.ts'
import { createSignatureCheck, createSigner } from '../../src/audit/signer.ts'
import { codeIn, fencedBlocks, tableRows } from '../docs/markdown.ts'
import { recordOf } from '../telemetry/fixtures.ts'
import { line, pseudonyms } from './lines.ts'
import { fresh, KEY } from './support.ts'

const FILE = 'docs/audit.md'
const FRAME = ['v', 'event', 'ts', 'seq', 'instance', 'prev', 'hash']

/** What the first column of a table names. */
function named(heading: string): readonly string[] {
  return tableRows(FILE, heading)
    .flatMap(([cell]) => codeIn(cell))
    .toSorted()
}

it('every field of a decision is explained', () => {
  const fields = Object.keys(line(recordOf('allow')).fields)
  assert.deepEqual(named('field'), fields.filter((name) => !FRAME.includes(name)).toSorted())
})

it('every event is explained', () => {
  assert.deepEqual(named('event'), AUDIT_EVENTS.toSorted())
})

it('every masked field is listed with what it is unless told otherwise', () => {
  const said = tableRows(FILE, 'masked field').flatMap(([fields, rule]) =>
    codeIn(fields).map((field) => [field, codeIn(rule)[0]] as const),
  )
  const real = { ...DEFAULT_MASK, inputs: DEFAULT_MASK.inputs['*'] }
  assert.deepEqual(Object.fromEntries(said), real)
})

it('the commands make keys that serve, and the hash of a caller', () => {
  const folder = dirname(fresh())
  mkdirSync(folder)
  const shell = fencedBlocks(FILE).filter(({ language }) => language === 'sh')
  const run = (command: string) =>
    execFileSync('sh', ['-c', command], { cwd: folder, stdio: 'pipe' })
  run(shell[0]?.text ?? '')
  const at = (name: string) => readFileSync(join(folder, name))
  const signer = createSigner(at('audit-signing'))
  assert.ok(createSignatureCheck(at('audit-signing.pub')).isGenuine('x', signer.sign('x')))
  createPseudonyms(readPseudonymKey(at('audit-pseudonyms').toString()))
  writeFileSync(join(folder, 'audit-pseudonyms'), KEY.toString('hex'))
  const hash = run(shell.find(({ text }) => text.startsWith('printf'))?.text ?? '').toString()
  assert.equal(pseudonyms.of('subject', 'idp', 'ada'), `${pseudonyms.keyId}:${hash.trim()}`)
})
