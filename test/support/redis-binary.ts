import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

/** A Redis server that can be started, with the environment that it needs. */
export type RedisBinary = { readonly command: string; readonly env: NodeJS.ProcessEnv }

/** The binary, the libraries that a small system lacks, and nothing that starts a service. */
const PACKAGES = ['redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1', 'libatomic1']

const run = promisify(execFile)

/**
 * A Redis 7: `REDIS_BIN`, else `redis-server` on the path, else the packages of Debian or Ubuntu, which are downloaded
 * once into `${XDG_CACHE_HOME:-~/.cache}/stepgate` and not installed. Where there is none: why, to skip tests with; but
 * where `CI` or `REQUIRE_REDIS` is set it rejects.
 */
export async function findRedis(
  env: NodeJS.ProcessEnv = process.env,
): Promise<RedisBinary | { readonly missing: string }> {
  try {
    return (await installed(env)) ?? (await downloaded(env))
  } catch (error) {
    const missing = `no Redis: install redis-server 7, or set REDIS_BIN (${(error as Error).message.trim()})`
    if (env.CI || env.REQUIRE_REDIS) throw new Error(missing)
    return { missing }
  }
}

async function installed(env: NodeJS.ProcessEnv): Promise<RedisBinary | null> {
  if (env.REDIS_BIN) {
    await access(env.REDIS_BIN, constants.X_OK)
    return { command: env.REDIS_BIN, env }
  }
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const command = join(folder, 'redis-server')
    if (folder !== '' && (await isExecutable(command))) return { command, env }
  }
  return null
}

async function downloaded(env: NodeJS.ProcessEnv): Promise<RedisBinary> {
  const cache = join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'stepgate')
  const folder = join(cache, 'redis-debian')
  const command = join(folder, 'usr', 'bin', 'redis-server')
  if (!(await isExecutable(command))) await download(cache, folder)
  const library = join(folder, 'usr', 'lib')
  const libraries = (await readdir(library)).map((name) => join(library, name))
  return { command, env: { ...env, LD_LIBRARY_PATH: libraries.join(delimiter) } }
}

/** Into a folder of our own, then renamed: whoever runs at the same time sees all of it or nothing. */
async function download(cache: string, folder: string): Promise<void> {
  const temporary = join(cache, `tmp-${randomUUID()}`)
  const packages = join(temporary, 'packages')
  const unpacked = join(temporary, 'unpacked')
  try {
    await mkdir(packages, { recursive: true })
    await run('apt-get', ['download', ...PACKAGES], { cwd: packages, timeout: 60_000 })
    for (const file of await readdir(packages)) {
      await run('dpkg', ['-x', join(packages, file), unpacked])
    }
    await rename(unpacked, folder).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster: its copy is as good as ours.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
