import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { type PolicySource, revisionOf } from '../../src/runtime/policy-files.ts'
import {
  createRevisionKeeper,
  type RevisionSettings,
  readRevision,
} from '../../src/runtime/policy-revisions.ts'

const root = mkdtempSync(join(tmpdir(), 'stepgate-revisions-'))
let folders = 0
after(() => rmSync(root, { recursive: true }))

const sourcesOf = (...texts: readonly string[]): readonly PolicySource[] =>
  texts.map((text, at) => ({ file: `config/${at}/policy.yaml`, text }))

function keeper(change: Partial<RevisionSettings> = {}) {
  const folder = join(root, String(++folders))
  const failures: unknown[] = []
  const settings = { folder, most: 10, bytes: 1e6, ...change }
  const { keep, settled } = createRevisionKeeper(settings, (_, error) => failures.push(error))
  const keepAll = async (...policies: readonly (readonly PolicySource[])[]) => {
    for (const [at, sources] of policies.entries()) {
      const revision = revisionOf(sources)
      keep(revision, sources)
      await settled()
      // Two within one tick of the file system's clock would have no order.
      const time = Date.now() / 1000 - 100 + at
      if (failures.length === 0) utimesSync(join(settings.folder, revision), time, time)
    }
    return policies.map(revisionOf)
  }
  return { folder: settings.folder, failures, keepAll }
}

describe('the texts of policies', () => {
  it('come back as they were kept, with their names', async () => {
    const { folder, keepAll } = keeper()
    const sources = sourcesOf('a: ü\n', 'b: 2\n')
    const [revision = ''] = await keepAll(sources, sources)
    assert.deepEqual(await readRevision(folder, revision), { kind: 'sources', sources })
    assert.deepEqual(readdirSync(folder), [revision])
  })

  it('are only so many, and those of the policy that decides are always there', async () => {
    const { folder, keepAll } = keeper({ most: 2 })
    const [, ...last] = await keepAll(...['a', 'b', 'c'].map((text) => sourcesOf(text)))
    assert.deepEqual(readdirSync(folder).toSorted(), last.toSorted())
    const tight = keeper({ bytes: 1 })
    const kept = await tight.keepAll(...['a', 'b'].map((text) => sourcesOf(text)))
    assert.deepEqual(readdirSync(tight.folder), kept.slice(1))
  })

  it('that are there, used again, are the newest', async () => {
    const { folder, keepAll } = keeper({ most: 2 })
    const [a = '', , , c = ''] = await keepAll(
      ...['a', 'b', 'a', 'c'].map((text) => sourcesOf(text)),
    )
    assert.deepEqual(readdirSync(folder).toSorted(), [a, c].toSorted())
  })

  it('are not shown when they are others than those that decided', async () => {
    const { folder, keepAll } = keeper()
    const [revision = ''] = await keepAll(sourcesOf('a: 1\n'))
    writeFileSync(join(folder, revision, '0-policy.yaml'), 'a: 2\n')
    assert.deepEqual(await readRevision(folder, revision), { kind: 'changed' })
    await keepAll(sourcesOf('a: 1\n'))
    assert.equal((await readRevision(folder, revision)).kind, 'sources')
    for (const unknown of ['0'.repeat(12), '../..', ''])
      assert.deepEqual(await readRevision(folder, unknown), { kind: 'missing' })
  })

  it('that cannot be kept are told of, and those after them are kept', async () => {
    const folder = join(root, 'file')
    writeFileSync(folder, '')
    const { failures, keepAll } = keeper({ folder })
    await keepAll(sourcesOf('a'))
    assert.equal(failures.length, 1)
    failures.pop()
    rmSync(folder)
    mkdirSync(folder)
    const [revision = ''] = await keepAll(sourcesOf('b'))
    assert.equal((await readRevision(folder, revision)).kind, 'sources')
    assert.deepEqual(failures, [])
  })
})
