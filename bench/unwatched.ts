// Stepgate with nobody watching: no spans, no metrics of decisions, no log, no audit record. What watching costs is
// measured against it.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createLifecycle, stopOnSignals } from '../src/runtime/lifecycle.ts'
import { startRecords } from '../src/service/start-records.ts'
import { startService } from '../src/service/start-service.ts'
import { readSecrets } from '../src/settings/read-secrets.ts'
import { readSettings } from '../src/settings/read-settings.ts'
import { createEvents } from '../src/telemetry/events.ts'
import { createLog } from '../src/telemetry/log.ts'
import { createMetrics } from '../src/telemetry/metrics.ts'

const readFile = (path: string) => readFileSync(path)
const read = readSettings(process.env, readFile)
if (read.kind !== 'settings') throw new Error('the settings have mistakes')
const { settings } = read
const found = readSecrets(settings, process.env, readFile)
if (found.kind !== 'secrets') throw new Error('the secrets have mistakes')
const log = createLog('silent', { write: () => {} })
const metrics = createMetrics({ process: false })
const world = {
  now: Date.now,
  clock: () => performance.now(),
  random: Math.random,
  newDecisionId: randomUUID,
}
const events = {
  ...createEvents({ log, metrics, happened: () => {}, now: world.now }),
  tokenVerified: () => {},
  storeAnswered: () => {},
  ready: ({ grpc }: { readonly grpc: string }) =>
    console.log(JSON.stringify({ event: 'ready', grpc })),
}
const lifecycle = createLifecycle(() => {})
stopOnSignals(process, lifecycle, () => {}, world.clock)
const deps = { settings, secrets: found.secrets, lifecycle, events, ...world }
const records = await startRecords({
  ...deps,
  ...{ version: '', instance: '', newId: randomUUID, stopReason: () => '' },
  stdout: () => process.stdout,
})
const observe = () => ({ stage: () => {}, answered: () => {}, decided: () => {} })
await startService({ ...deps, metrics, records, observe, fetch })
