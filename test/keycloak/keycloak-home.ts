import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'

/** Keycloak cannot be had here; the message says what was tried and what to do. */
export class KeycloakMissingError extends Error {}

/** Where to look, and whom to tell. */
export type KeycloakSearch = {
  readonly env: Readonly<NodeJS.ProcessEnv>
  readonly say: (line: string) => void
}

/** The version that the tests run and docker compose starts. */
export const KEYCLOAK_VERSION = '26.7.3'
const ARTIFACT = `org.keycloak:keycloak-quarkus-dist:${KEYCLOAK_VERSION}:tar.gz`
const FILE = `keycloak-quarkus-dist-${KEYCLOAK_VERSION}.tar.gz`
const SHA256 = '77657f30b7e90d70f727712ce1c967f430fd6a5e9f458d32d8c6df0635345f47'

/** The oldest Java that Keycloak runs on. */
const JAVA = 17

const DOWNLOAD_LIMIT = 600_000

const run = promisify(execFile)

/**
 * The folder of a Keycloak: `KEYCLOAK_HOME`, else the distribution of Maven Central, which Maven downloads once, checked
 * against its SHA-256, into `${XDG_CACHE_HOME:-~/.cache}/stepgate`. Rejects with `KeycloakMissingError`, also without a Java.
 */
export async function findKeycloak(search: KeycloakSearch): Promise<string> {
  const { KEYCLOAK_HOME, XDG_CACHE_HOME } = search.env
  await requireJava(search.env)
  if (KEYCLOAK_HOME) {
    if (await isThere(KEYCLOAK_HOME)) return KEYCLOAK_HOME
    throw new KeycloakMissingError(`KEYCLOAK_HOME is ${KEYCLOAK_HOME}, which has no bin/kc.sh`)
  }
  const cache = join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'stepgate')
  const home = join(cache, `keycloak-${KEYCLOAK_VERSION}`)
  if (!(await isThere(home))) await download(search, cache, home)
  return home
}

async function requireJava({ JAVA_HOME, ...env }: Readonly<NodeJS.ProcessEnv>): Promise<void> {
  const java = JAVA_HOME ? join(JAVA_HOME, 'bin', 'java') : 'java'
  const { stderr } = await run(java, ['-version'], { env }).catch(({ code }) => {
    throw missing(`${java} cannot be run (${code})`)
  })
  const version = Number(/version "(\d+)/.exec(stderr)?.[1])
  if (!(version >= JAVA)) throw missing(`${java} is older than Java ${JAVA}: ${stderr.trim()}`)
}

/** Into a folder of our own, then renamed: whoever runs at the same time sees all of it or nothing. */
async function download({ env, say }: KeycloakSearch, cache: string, home: string): Promise<void> {
  const temporary = join(cache, `tmp-${randomUUID()}`)
  try {
    await mkdir(temporary, { recursive: true })
    say(`Keycloak: Maven downloads ${ARTIFACT} (176 MB, once) …`)
    const wish = [`-Dartifact=${ARTIFACT}`, `-DoutputDirectory=${temporary}`]
    const options = { env, cwd: temporary, timeout: DOWNLOAD_LIMIT }
    await run('mvn', ['--batch-mode', '--quiet', 'dependency:copy', ...wish], options)
    await verify(join(temporary, FILE))
    await run('tar', ['-xzf', FILE], { cwd: temporary })
    await rename(join(temporary, `keycloak-${KEYCLOAK_VERSION}`), home).catch(acceptExisting)
    say(`Keycloak: unpacked into ${home}`)
  } catch (error) {
    const { code, stdout = '', message } = error as Error & { code?: string; stdout?: string }
    if (code === 'ENOENT') throw missing('mvn is not on the path')
    throw missing(`${stdout.trim().split('\n').slice(0, 3).join(' ')} ${message.split('\n')[0]}`)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

async function verify(file: string): Promise<void> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  const found = hash.digest('hex')
  if (found !== SHA256) throw new Error(`${FILE} has the SHA-256 ${found} and not ${SHA256}`)
}

/** Another process was faster: its Keycloak is as good as ours. */
function acceptExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
}

function missing(reason: string): KeycloakMissingError {
  return new KeycloakMissingError(
    [
      `no Keycloak was found: ${reason}`,
      '  what to do, one of:',
      `    - install Java ${JAVA} or later and Maven (Debian: apt-get install openjdk-17-jre-headless maven), and let Maven`,
      `      reach Maven Central or a mirror of it: ${ARTIFACT}`,
      `    - unpack a Keycloak ${KEYCLOAK_VERSION} yourself and set KEYCLOAK_HOME to its folder`,
    ].join('\n'),
  )
}

function isThere(home: string): Promise<boolean> {
  return access(join(home, 'bin', 'kc.sh')).then(
    () => true,
    () => false,
  )
}
