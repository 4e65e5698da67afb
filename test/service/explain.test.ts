import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { stepgate } from '../cli/support.ts'
import { fencedBlocks } from '../docs/markdown.ts'
import { type AuditWorld, startAuditWorld } from './audit-world.ts'
import { POLICY, TIER } from './load.ts'

describe('stepgate explain DECISION_ID', () => {
  let world: AuditWorld
  const ids = { step_up: '', deny: '', ambiguous: '', plain: '' }

  before(async () => {
    world = await startAuditWorld(POLICY, { audit: '  mask: { params: keep }' })
    const ask = async (...asked: Parameters<AuditWorld['ask']>) => (await world.ask(...asked)).id
    ids.step_up = await ask({ ...TIER, claims: { roles: ['clerk'], auth_time: 1_795_000_000 } })
    ids.deny = await ask({ path: '/nowhere' })
    ids.ambiguous = await ask({ path: '/a%2fb' })
    ids.plain = await ask({ path: '/open', claims: null })
    await world.stop()
  })

  after(() => world[Symbol.asyncDispose]())

  const explain = (id: string, ...more: readonly string[]) =>
    stepgate('explain', id, '--audit', world.file, '--policies', world.policies, ...more)

  it('shows what was asked, the answer, and each rule beside the text that decided, as the documents do', async () => {
    const { code, out, err } = await explain(ids.step_up)
    assert.deepEqual([code, err], [0, ''])
    const [shown] = fencedBlocks('docs/decision-id.md').filter(
      ({ language }) => language === 'text',
    )
    const here = out
      .replaceAll(join(world.folder, 'audit.jsonl'), 'var/audit.jsonl')
      .replaceAll(join(world.folder, 'policy.yaml'), 'config/policy.yaml')
    assert.equal(
      normal(here),
      normal(`${shown?.text.trimEnd()}
`),
    )
  })

  it('takes the id as the problem body has it, and a directory for the files', async () => {
    const { code, out } = await explain(`urn:uuid:${ids.step_up.toUpperCase()}`)
    assert.equal(code, 0)
    const beside = ['--audit', world.folder, '--policies', world.policies]
    assert.deepEqual(await stepgate('explain', ids.step_up, ...beside), { code, out, err: '' })
  })

  it('says when no rule fits, when no policy was asked, and what a plain allow was', async () => {
    const { out, code } = await explain(ids.deny)
    assert.equal(code, 0)
    assert.match(
      out,
      /\ndeny: no-rule\n[\s\S]*\nno rule fits this request\n\n6 rules for other requests:\n/,
    )
    assert.match(out, /\n {2}open \(allow\): .*\/open.*\/nowhere\n/)
    const ambiguous = await explain(ids.ambiguous)
    assert.equal(ambiguous.code, 0)
    assert.match(ambiguous.out, /a request that could not be read[\s\S]*\ndeny: ambiguous-path\n$/)
    assert.match((await explain(ids.plain)).out, /GET \S+\/open\n[\s\S]*allow by open\n/)
  })

  it('gives a program the record as it stands, and the texts', async () => {
    const { code, out } = await explain(ids.step_up, '--format', 'json')
    assert.equal(code, 0)
    const { record, rules, policy, intact } = JSON.parse(out)
    const line = readFileSync(world.file, 'utf8')
      .split('\n')
      .find((one) => one.includes(ids.step_up))
    assert.deepEqual(record, JSON.parse(line ?? ''))
    assert.deepEqual([policy, intact], ['sources', true])
    assert.deepEqual(
      rules.map((one: ToldRule) => [one.rule, one.took_part, one.text.line]),
      [
        ['big-tier', true, 11],
        ['read', true, 10],
      ],
    )
    assert.match(rules[1].text.text, /^\{ id: read, .* effect: allow \}$/)
  })

  it('ends with 1 where the record or the policy is not what it was, or not there', async () => {
    const unknown = randomUUID()
    const missing = await explain(unknown)
    assert.deepEqual([missing.code, missing.out], [1, ''])
    assert.match(missing.err, new RegExp(`has a decision ${unknown}`))
    const changed = join(world.folder, 'changed.jsonl')
    const written = readFileSync(world.file, 'utf8')
    writeFileSync(changed, written.replaceAll('"outcome":"step_up"', '"outcome":"allow"'))
    const lie = await stepgate(
      'explain',
      ids.step_up,
      '--audit',
      changed,
      '--policies',
      world.policies,
    )
    assert.equal(lie.code, 1)
    assert.match(lie.out, /CHANGED since it was written/)
    assert.match(lie.err, /changed\.jsonl:\d+ is not as it was written/)
    writeFileSync(changed, written.replaceAll('"rules":[', '"rules":7,"x":['))
    const broken = await stepgate('explain', ids.step_up, '--audit', changed)
    assert.deepEqual([broken.code, broken.out], [1, ''])
    assert.match(broken.err, /changed beyond reading/)
    rmSync(changed)
    const elsewhere = await explain(ids.step_up, '--policies', join(world.folder, 'none'))
    assert.equal(elsewhere.code, 1)
    assert.match(elsewhere.out, /big-tier: condition true, took part/)
    assert.match(elsewhere.err, /is not in .*none: its text cannot be shown/)
    const { policy } = JSON.parse((await explain(ids.step_up, '--format', 'json')).out).record
    const text = join(world.policies, policy.revision, '0-policy.yaml')
    const kept = readFileSync(text, 'utf8')
    writeFileSync(text, kept.replace('mfa', 'password'))
    const other = await explain(ids.step_up)
    writeFileSync(text, kept)
    assert.equal(other.code, 1)
    assert.match(other.err, /is not as it was kept: its text is not shown/)
    assert.doesNotMatch(other.out, /effect:/)
  })

  it('ends with 2 where it cannot look', async () => {
    const file = await stepgate('explain', ids.deny, '--audit', join(world.folder, 'nothing'))
    assert.equal(file.code, 2)
    assert.match(file.err, /cannot read .*nothing/)
    const none = await stepgate('explain', ids.deny)
    assert.equal(none.code, 2)
    assert.match(none.err, /name the audit record by --audit FILE/)
    assert.match((await stepgate('explain', '--audit', world.file)).err, /explain DECISION_ID/)
  })
})

type ToldRule = {
  readonly rule: string
  readonly took_part: boolean
  readonly text: { readonly line: number }
}

/** Without what differs from run to run. */
function normal(text: string): string {
  return text
    .replaceAll(/decision \S{36}/g, 'decision ID')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/record \d+, (\S+):\d+/g, 'record NUMBER, $1:LINE')
    .replaceAll(/[\w-]{8}:[\w-]{22}/g, 'HASH')
    .replaceAll(/policy {5}[0-9a-f]{12}/g, 'policy     REVISION')
}
