import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { mkdir, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { temporaryFolder, watchPolicy } from './watcher-support.ts'

describe('swapped symbolic links, as in a Kubernetes ConfigMap', { concurrency: true }, () => {
  /** The layout of a mounted ConfigMap: policy.yaml → ..data/policy.yaml, ..data → a folder for each version. */
  async function mountConfigMap(t: TestContext) {
    const mount = await temporaryFolder(t)
    const publish = async (version: string) => {
      await mkdir(join(mount, `..${version}`))
      writeFileSync(join(mount, `..${version}`, 'policy.yaml'), version)
      await symlink(`..${version}`, join(mount, '..data_tmp'))
      await rename(join(mount, '..data_tmp'), join(mount, '..data'))
    }
    await publish('one')
    await symlink('..data/policy.yaml', join(mount, 'policy.yaml'))
    return { mount, publish }
  }

  for (const kind of ['file', 'folder'] as const) {
    it(`are followed when the path is the ${kind}`, async (t) => {
      const { mount, publish } = await mountConfigMap(t)
      const { expectPolicy } = await watchPolicy(
        t,
        kind === 'file' ? join(mount, 'policy.yaml') : mount,
      )
      await expectPolicy('one')
      await publish('two')
      await expectPolicy('two')
      await publish('three')
      await expectPolicy('three')
    })
  }

  it('are followed when the path itself is the link', async (t) => {
    const { mount, publish } = await mountConfigMap(t)
    const { expectPolicy } = await watchPolicy(t, join(mount, '..data'))
    await expectPolicy('one')
    await publish('two')
    await expectPolicy('two')
  })
})

describe('a folder', { concurrency: true }, () => {
  it('is one policy: its *.yaml by name, tests and hidden files aside', async (t) => {
    const folder = await temporaryFolder(t)
    const FILES = ['b.yaml', 'a.yaml', 'a.test.yaml', '.hidden.yaml', 'notes.txt', 'c.yml']
    for (const name of FILES) writeFileSync(join(folder, name), name)
    const { expectPolicy } = await watchPolicy(t, folder)
    const { files } = await expectPolicy('a.yaml+b.yaml')
    assert.deepEqual(files, [join(folder, 'a.yaml'), join(folder, 'b.yaml')])
    writeFileSync(join(folder, 'aa.yaml'), 'new')
    await expectPolicy('a.yaml+new+b.yaml')
    await rm(join(folder, 'b.yaml'))
    await expectPolicy('a.yaml+new')
  })

  it('without a policy is told, also when it vanishes and comes back', async (t) => {
    const folder = join(await temporaryFolder(t), 'policy')
    await mkdir(folder)
    const { expectPolicy, expectIssue } = await watchPolicy(t, folder)
    assert.match((await expectIssue('policy-unreadable')).message, /no \*\.yaml file/)
    await rm(folder, { recursive: true })
    assert.match((await expectIssue('policy-unreadable')).message, /does not exist/)
    await mkdir(folder)
    writeFileSync(join(folder, 'a.yaml'), 'one')
    await expectPolicy('one')
  })
})
