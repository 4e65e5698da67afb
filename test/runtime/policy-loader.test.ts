import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createPolicyLoader } from '../../src/runtime/policy-loader.ts'
import { temporaryFolder } from './watcher-support.ts'

describe('a policy that names a list', () => {
  it('is loaded in a worker as at first, and the list is known whether it could be read or not', async (t) => {
    const folder = await temporaryFolder(t)
    const list = join(folder, 'tor.txt')
    const text = `version: 1
networks: { tor: { file: tor.txt } }
rules: [{ id: tor, when: '"tor" in source.networks', effect: deny }]
`
    const sources = [{ file: join(folder, 'policy.yaml'), text }]
    const loader = createPolicyLoader({
      issuers: [],
      today: () => '2026-11-23',
      clock: () => performance.now(),
    })
    writeFileSync(list, '192.0.2.0/24\n')
    for (const revision of ['first', 'second']) {
      const { policy } = await loader.load(sources, revision)
      assert.equal(policy?.revision, revision)
      assert.deepEqual(policy?.common.networks('192.0.2.7'), ['tor'])
      assert.deepEqual(loader.lists(), [list])
    }
    rmSync(list)
    const { policy, issues } = await loader.load(sources, 'third')
    assert.deepEqual([policy, issues.map(({ code }) => code)], [null, ['list-unreadable']])
    assert.deepEqual(loader.lists(), [list])
  })
})
