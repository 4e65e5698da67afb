import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startIdentityProvider } from '../examples/identity-provider/server.ts'
import { startLicensingApi } from '../examples/licensing-api/server.ts'
import { ENVOY_CONFIG } from './envoy.ts'
import { type EnvoyAddresses, renderEnvoyConfig } from './envoy-config.ts'

/** Where Envoy listens in its container, and the collector; all else is on the loopback interface that they share. */
const ADDRESSES: EnvoyAddresses = {
  listener: { host: '0.0.0.0', port: 8080 },
  admin: { host: '127.0.0.1', port: 9901 },
  clusters: { otlp: { host: 'collector', port: 4317 } },
}

type Running = { readonly stop: () => Promise<void> }

/** What a container of `docker-compose.yml` can be, by the first argument. */
const PROGRAMS: Readonly<Record<string, (folder: string) => Promise<Running | null>>> = {
  'licensing-api': () => startLicensingApi({ port: 9200 }),
  provider: () => startIdentityProvider({ host: '0.0.0.0', port: 9100 }),
  prepare,
}

/** Writes Envoy's configuration, and such keys as are not there yet, into the volumes below `folder`. */
async function prepare(folder: string): Promise<null> {
  const config = renderEnvoyConfig(await readFile(ENVOY_CONFIG, 'utf8'), ADDRESSES)
  await writeFile(join(folder, 'envoy', 'envoy.yaml'), config)
  const keys = join(folder, 'keys')
  await writeOnce(join(keys, 'fingerprint'), randomBytes(32).toString('hex'))
  await writeOnce(join(keys, 'audit-pseudonyms'), randomBytes(32).toString('hex'))
  const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
    publicKeyEncoding: { format: 'pem', type: 'spki' },
  })
  // The pair is written in this order, so that a public key is never there without its private one.
  if (await writeOnce(join(keys, 'audit-signing'), privateKey))
    await writeFile(join(keys, 'audit-signing.pub'), publicKey)
  return null
}

/** True when the file was not there before. Stepgate runs as another user, and nobody else gets this volume. */
function writeOnce(file: string, text: string): Promise<boolean> {
  return writeFile(file, text, { flag: 'wx', mode: 0o444 }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false
      throw error
    },
  )
}

const [name = '', folder = '/shared'] = process.argv.slice(2)
const start = PROGRAMS[name]
if (start === undefined) {
  console.error(`usage: node demo/container.ts ${Object.keys(PROGRAMS).join(' | ')}`)
  process.exitCode = 2
} else {
  const running = await start(folder)
  // As the first process of a container it gets no default: unhandled, a signal would be ignored.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void running?.stop())
}
