import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SERVICE_CONFIG } from '../demo/service.ts'
import { startIssuer } from './issuer.ts'
import { openLoad } from './load.ts'
import { type Cores, pinned } from './machine.ts'
import { padPolicy, readSample } from './padded-policy.ts'
import { type Program, startProgram } from './program.ts'
import { allowedRequests, ambiguousRequests, type Workload } from './requests.ts'
import type { Contestant } from './rounds.ts'
import { startSpanSink } from './span-sink.ts'
import { watched } from './watched.ts'

/** Everything that is measured, the yardstick first, and the way to end it all. */
export type Contest = {
  readonly contestants: readonly Contestant[]
  readonly stop: () => Promise<void>
}

/** How to start them. */
export type ContestOptions = {
  readonly cores: Cores
  /** A folder for the processor profile of the service with many rules; null for none. */
  readonly profile: string | null
  /** What is compared: sizes of policies, or ways to be watched. */
  readonly compare: 'rules' | 'telemetry'
  readonly signal: AbortSignal
}

const ROOT = join(import.meta.dirname, '..')
const MANY_RULES = 1000
const SUBJECTS = ['ada', 'ben', 'cleo', 'dan', 'eve', 'finn', 'gwen', 'hal']

/** Starts every server, each with connections of its own; when one fails, those before are ended again. */
export async function startContest(options: ContestOptions): Promise<Contest> {
  const { cores, profile, signal } = options
  await using started = new AsyncDisposableStack()
  const running = <T extends { readonly stop: () => Promise<void> }>(part: T): T =>
    started.adopt(part, ({ stop }) => stop())
  const issuer = running(await startIssuer())
  const tokens = await Promise.all(SUBJECTS.map(issuer.sign))
  const node = async (args: readonly string[], env: NodeJS.ProcessEnv) =>
    running(await startProgram(pinned(cores, [process.execPath, ...args]), env, signal))
  const policies = running(await writePolicies())
  const flags = profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  const serve = (policy: string, extra: Extra = {}) =>
    node([...(extra.flags ?? []), join(ROOT, extra.program ?? 'src/main.ts')], {
      ...serviceEnvironment(issuer.url, policy),
      ...extra.env,
    })
  const yardstick = await node([join(import.meta.dirname, 'always-ok.ts')], ownEnvironment())
  const allowed = allowedRequests(tokens)
  const refused = ambiguousRequests(tokens)
  const enter = async (name: string, program: Program, workload: Workload) => {
    const load = await openLoad(program.address)
    started.defer(load.close)
    return { name, program, load, workload }
  }
  const contestants: Contestant[] = []
  const alwaysOk = await enter('always OK', yardstick, allowed)
  if (options.compare === 'rules') {
    const many = await serve(policies.many, { flags })
    const few = await serve(policies.few)
    contestants.push(
      alwaysOk,
      await enter(`Stepgate, ${MANY_RULES} rules`, many, allowed),
      await enter(`Stepgate, ${policies.sampleRules} rules`, few, allowed),
      await enter('Stepgate, ambiguous path', many, refused),
    )
  } else {
    const sink = running(await startSpanSink())
    for (const { name, ...extra } of watched(sink.url, policies.folder, flags)) {
      contestants.push(await enter(name, await serve(policies.many, extra), allowed))
    }
    contestants.push(alwaysOk)
  }
  const cleanup = started.move()
  return { contestants, stop: () => cleanup.disposeAsync() }
}

/** How a server differs from the usual. */
type Extra = {
  /** Of Node. */
  readonly flags?: readonly string[]
  readonly program?: string
  readonly env?: NodeJS.ProcessEnv
}

async function writePolicies() {
  const folder = await mkdtemp(join(tmpdir(), 'stepgate-bench-'))
  const sample = await readSample()
  const few = join(folder, 'few.yaml')
  const many = join(folder, 'many.yaml')
  await writeFile(few, sample.text)
  await writeFile(many, padPolicy(sample, MANY_RULES))
  const stop = () => rm(folder, { recursive: true, force: true })
  return { folder, few, many, sampleRules: sample.rules, stop }
}

/** Without anybody's settings for another Stepgate, for tracing or for Node. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(?:STEPGATE_|OTEL_|LOG_LEVEL$|NODE_OPTIONS$)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)))
}

function serviceEnvironment(issuer: string, policy: string): NodeJS.ProcessEnv {
  return {
    ...ownEnvironment(),
    STEPGATE_CONFIG: SERVICE_CONFIG,
    STEPGATE_POLICY: policy,
    STEPGATE_LISTEN_GRPC: '127.0.0.1:0',
    STEPGATE_ADMIN_HTTP: '127.0.0.1:0',
    STEPGATE_SHARED_SIGNALS_LISTEN: '127.0.0.1:0',
    STEPGATE_ISSUERS_IDP_ISSUER: issuer,
    // As in the demo: without a key what changes licences could never be decided for certain.
    STEPGATE_SESSION_FINGERPRINT_KEY: 'env:BENCH_FINGERPRINT_KEY',
    BENCH_FINGERPRINT_KEY: '00'.repeat(32),
  }
}
