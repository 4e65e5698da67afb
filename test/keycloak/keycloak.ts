import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Child, startChild } from '../../demo/child.ts'

/** A running Keycloak in development mode: everything is in memory and gone with it. */
export type Keycloak = {
  /** The issuer of a realm. */
  readonly issuerOf: (realm: string) => string
  readonly stop: () => Promise<void>
}

/** Which Keycloak, with which realms: their names, and the JSON to import. */
export type KeycloakOptions = {
  readonly home: string
  readonly realms: Readonly<Record<string, string>>
  readonly env: Readonly<NodeJS.ProcessEnv>
}

/** The first start of a distribution puts its parts together, which takes minutes on a busy machine. */
const START_LIMIT = 600_000
const POLL = 200

/**
 * Starts it on a free loopback port with at most 512 MB of heap; resolves when its realms are there. It ends with this
 * process, also when that is ended by `process.exit`.
 */
export async function startKeycloak(options: KeycloakOptions): Promise<Keycloak> {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'stepgate-keycloak-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  await makeHome(folder, options)
  const child = await startChild({
    command: join(folder, 'bin', 'kc.sh'),
    args: ['start-dev', '--db=dev-mem', '--http-host=127.0.0.1', '--http-port=0', '--import-realm'],
    env: environment(options.env),
    cwd: folder,
  })
  // The whole group: while kc.sh puts the parts together, Java is a child of it.
  const kill = () => void process.kill(-child.pid, 'SIGKILL')
  process.once('exit', kill)
  child.ended.then(() => process.off('exit', kill))
  started.defer(child.stop)
  const url = await untilReady(child, Object.keys(options.realms))
  const cleanup = started.move()
  return {
    issuerOf: (realm) => `${url}/realms/${realm}`,
    stop: () => cleanup.disposeAsync(),
  }
}

/** A home of its own, in which only the realms are: the distribution is linked to, for nobody's data to be written into it. */
async function makeHome(folder: string, { home, realms }: KeycloakOptions): Promise<void> {
  await mkdir(join(folder, 'bin'))
  await cp(join(home, 'bin', 'kc.sh'), join(folder, 'bin', 'kc.sh'))
  for (const name of ['conf', 'lib', 'providers', 'themes'])
    await symlink(join(home, name), join(folder, name))
  const place = join(folder, 'data', 'import')
  await mkdir(place, { recursive: true })
  for (const [realm, json] of Object.entries(realms))
    await writeFile(join(place, `${realm}-realm.json`), json)
}

/** What Java needs, and no setting for another Keycloak. */
function environment({ PATH, JAVA_HOME, HOME }: Readonly<NodeJS.ProcessEnv>): NodeJS.ProcessEnv {
  return {
    PATH,
    HOME,
    ...(JAVA_HOME ? { JAVA_HOME } : {}),
    JAVA_OPTS_KC_HEAP: '-Xms64m -Xmx512m',
  }
}

async function untilReady(child: Child, realms: readonly string[]): Promise<string> {
  const deadline = Date.now() + START_LIMIT
  const ended = child.ended.then((how) => {
    throw failure(`ended with ${how}`, child)
  })
  ended.catch(() => {})
  while (Date.now() < deadline) {
    const url = listeningAt(child)
    if (url !== undefined && (await haveAll(url, realms))) return url
    await Promise.race([wait(POLL), ended])
  }
  throw failure(`was not ready within ${START_LIMIT / 1000} s`, child)
}

function listeningAt(child: Child): string | undefined {
  const line = child.tail().findLast((text) => text.includes('Listening on: '))
  return /Listening on: (http:\/\/[\d.]+:\d+)/.exec(line ?? '')?.[1]
}

async function haveAll(url: string, realms: readonly string[]): Promise<boolean> {
  const answers = realms.map((realm) =>
    fetch(`${url}/realms/${realm}/.well-known/openid-configuration`).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  return (await Promise.all(answers)).every((ok) => ok)
}

function failure(what: string, child: Child): Error {
  return new Error(`Keycloak ${what}; it said:\n${child.tail().slice(-25).join('\n')}`)
}
