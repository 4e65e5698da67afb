import { once } from 'node:events'
import { constants } from 'node:os'
import { parseArgs } from 'node:util'
import { EnvoyMissingError } from './envoy-binary.ts'
import { createPerson } from './login.ts'
import { followPolicy } from './policy-follow.ts'
import { type Stack, startStack } from './stack.ts'
import { printToken } from './token.ts'
import { TOUR } from './tour.ts'
import { createGuide } from './tour-guide.ts'
import { printStep } from './tour-print.ts'

const USAGE = `usage: npm run demo                                    the tour, then it stays up for you to try
       npm run demo -- --once                          ends after the tour; code 0 when all went as announced
       npm run -s demo -- token ISSUER USER [LEVEL]    prints an access token from a running demo's provider;
                                                       LEVEL is password, mfa or phishing-resistant`

const INTRO = `Stepgate demo: a licensing API behind Envoy, and Stepgate deciding about every request.
Everything is real, runs on this machine only, and ends with this program. The addresses that requests come from
are those that a load balancer in front would report.
`

/** Usage or environment, as opposed to a tour that did not go as announced. */
const CANNOT = 2
const FAILED = 1

/** Resolves to the exit code. */
async function main(signal: AbortSignal): Promise<number> {
  const { values, positionals } = readArguments()
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const [command, issuer, user, level] = positionals
  if (command === 'token' && issuer !== undefined && user !== undefined)
    return await printToken(issuer, user, level)
  if (command !== undefined) throw new UsageError(`cannot do "${positionals.join(' ')}"`)
  console.log(INTRO)
  await using started = new AsyncDisposableStack()
  const stack = await startStack({ say: (line) => console.log(`  ${line}`), signal })
  started.defer(stack.stop)
  const fine = await walk(stack, signal)
  if (values.once) return fine ? 0 : FAILED
  return await stay(stack, signal)
}

class UsageError extends Error {}

/** Somebody wants it to end. */
class Interruption extends Error {
  readonly code: number

  constructor(signal: NodeJS.Signals) {
    super(`ended by ${signal}`)
    this.code = 128 + constants.signals[signal]
  }
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { once: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** The tour; true when every step went as announced. */
async function walk(stack: Stack, signal: AbortSignal): Promise<boolean> {
  const guide = createGuide(stack)
  const before = stack.api.requests()
  let fine = true
  for (const [index, step] of TOUR.entries()) {
    signal.throwIfAborted()
    const result = await guide.take(step)
    console.log(printStep(index + 1, step, result))
    fine &&= result.asAnnounced
  }
  const reached = `${stack.api.requests() - before} of ${TOUR.length} requests reached the API`
  console.log(`\n${fine ? 'All went as announced' : 'NOT all went as announced'}: ${reached}.`)
  return fine
}

/** Until Ctrl-C, or until a part ends by itself. */
async function stay(stack: Stack, signal: AbortSignal): Promise<number> {
  const stopFollowing = followPolicy(stack, (line) => console.log(line))
  console.log(await invitation(stack))
  const deaths = [death('Stepgate', stack.service), death('Envoy', stack.envoy)]
  const end = await Promise.race([aborted(signal), ...deaths])
  stopFollowing()
  if (!(end instanceof Interruption)) throw end
  console.log('\nEnding …')
  return 0
}

async function aborted(signal: AbortSignal): Promise<unknown> {
  if (!signal.aborted) await once(signal, 'abort')
  return signal.reason
}

async function death(name: string, part: { readonly ended: Promise<string> }): Promise<Error> {
  return new Error(`${name} ended by itself with ${await part.ended}`)
}

async function invitation({ url, provider, service, envoy }: Stack): Promise<string> {
  const token = await (await createPerson(provider.issuer, 'ada')).login()
  return `
It stays up for you to try. Ada's token (password, for an hour), here on a tier change from the office that wants more:

  TOKEN=${token}
  curl -i -X PUT ${url}/v1/licenses/L-1/tier \\
    -H "authorization: Bearer $TOKEN" -H 'x-forwarded-for: 10.1.2.3' -H 'content-type: application/json' \\
    -d '{"tier":"business","seats":60}'

A stronger one:      TOKEN=$(npm run -s demo -- token ${provider.issuer} ada mfa)
The rules:           config/policy.yaml    change something, save, and read here what becomes of it
The service:         config/stepgate.yaml
Envoy:               envoy/envoy.yaml      running at ${envoy.adminUrl}
Is it well, metrics: ${service.adminUrl}/readyz  ${service.adminUrl}/metrics
What to look at next: README.md, docs/architecture.md, examples/licensing-api/openapi.yaml

Ctrl-C ends everything.
`
}

/** Says what went wrong; the exit code tells the kind. */
function explain(error: unknown): number {
  console.error(`\ndemo: ${error instanceof Error ? error.message : error}`)
  if (error instanceof Interruption) return error.code
  if (error instanceof UsageError) console.error(USAGE)
  return error instanceof UsageError || error instanceof EnvoyMissingError ? CANNOT : FAILED
}

/** A signal at any moment ends what has been started so far, in order; more of them change nothing. */
const interruption = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => interruption.abort(new Interruption(name)))
process.on('uncaughtException', (error) => interruption.abort(error))

process.exitCode = await main(interruption.signal).catch(explain)
