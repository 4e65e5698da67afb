import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { findKeycloak, KeycloakMissingError } from './keycloak-home.ts'

const JAVA_17 = 'echo \'openjdk version "17.0.15" 2025-04-15\' >&2'
const JAVA_11 = 'echo \'openjdk version "11.0.2" 2019-01-15\' >&2'

/** Writes a file of the right name, and not what Keycloak has published. */
const OTHER_FILE = `
for argument; do case $argument in -DoutputDirectory=*) folder=\${argument#*=} ;; esac; done
echo other > "$folder/keycloak-quarkus-dist-26.7.3.tar.gz"`

describe('where Keycloak cannot be had, it says why and what to do', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stepgate-keycloak-home-'))
  })
  after(() => rm(folder, { recursive: true }))

  const cases = [
    { name: 'no Java', programs: {}, says: /java cannot be run \(ENOENT\)/ },
    {
      name: 'an old Java',
      programs: { java: JAVA_11 },
      says: /java is older than Java 17: .*11\.0\.2/,
    },
    { name: 'no Maven', programs: { java: JAVA_17 }, says: /mvn is not on the path/ },
    {
      name: 'Maven without a registry',
      programs: { java: JAVA_17, mvn: 'echo "[ERROR] no such host"; exit 1' },
      says: /\[ERROR\] no such host/,
    },
    {
      name: 'another file than the one that was published',
      programs: { java: JAVA_17, mvn: OTHER_FILE },
      says: /tar\.gz has the SHA-256 [0-9a-f]{64} and not 77657f30/,
    },
    {
      name: 'a KEYCLOAK_HOME that is none',
      programs: { java: JAVA_17 },
      home: '/nowhere',
      says: /KEYCLOAK_HOME is \/nowhere, which has no bin\/kc\.sh/,
    },
  ]
  for (const [index, { name, programs, home, says }] of cases.entries()) {
    it(name, async () => {
      const place = join(folder, String(index))
      const path = await install(join(place, 'bin'), programs)
      const cache = join(place, 'cache')
      const env = { PATH: path, XDG_CACHE_HOME: cache, ...(home ? { KEYCLOAK_HOME: home } : {}) }
      const error = await findKeycloak({ env, say: () => {} }).catch((error: unknown) => error)
      assert.ok(error instanceof KeycloakMissingError, String(error))
      assert.match(error.message, says)
      if (home === undefined) assert.match(error.message, /set KEYCLOAK_HOME to its folder/)
      const left = await readdir(join(cache, 'stepgate')).catch(() => [])
      assert.deepEqual(left, [], 'nothing half-done stays behind')
    })
  }
})

/** A folder with these programs, as shell scripts. */
async function install(folder: string, programs: Readonly<Record<string, string>>) {
  await mkdir(folder, { recursive: true })
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`)
    await chmod(join(folder, name), 0o755)
  }
  return folder
}
