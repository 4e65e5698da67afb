import { createIdentify } from '../../src/identity/identify.ts'
import type { Issuer } from '../../src/identity/issuer.ts'
import type { KeySource } from '../../src/identity/key-source.ts'
import { createKeyStore, type KeyRefresh, type KeyStore } from '../../src/identity/key-store.ts'
import { readRegularFile } from '../../src/runtime/read-regular-file.ts'
import { type Behaviour, type Provider, serving, startProvider } from './provider.ts'
import { createQueue } from './queue.ts'
import { createTimers } from './timers.ts'
import { CLAIMS, EC, ISSUER, jwk, NOW, request, token } from './tokens.ts'

/** A key store on a clock and timers that only move when told, next to the provider it asks. */
export type World = AsyncDisposable & {
  readonly provider: Provider
  readonly store: KeyStore
  /** The delay of the armed timer, in milliseconds. */
  readonly delay: () => number | undefined
  /** Moves the clock to the armed timer and waits for the fetch that it starts. */
  readonly tick: () => Promise<KeyRefresh>
  readonly next: () => Promise<KeyRefresh>
  readonly pass: (milliseconds: number) => void
  readonly identify: ReturnType<typeof createIdentify>
  readonly bearer: (signer?: typeof EC) => string
}

export async function storeWorld(
  behave: (provider: Provider) => Behaviour,
  path = '',
  keysOf: (provider: Provider) => KeySource = () => ({ from: 'discovery' }),
): Promise<World> {
  const provider = await startProvider(path)
  provider.behave = behave(provider)
  const issuer: Issuer = { ...ISSUER, issuer: provider.url }
  const keys = keysOf(provider)
  const timers = createTimers(NOW * 1000)
  const events = createQueue<KeyRefresh>()
  const store = createKeyStore({
    issuers: [{ ...issuer, keys }],
    fetch,
    readFile: readRegularFile,
    now: timers.clock,
    random: () => 0,
    onRefresh: events.tell,
    timing: { timeout: 400, schedule: timers.schedule },
  })
  const identify = createIdentify({ issuers: [issuer], ...store, now: timers.clock })
  return {
    provider,
    store,
    identify,
    tick: () => {
      timers.tick()
      return events.next()
    },
    next: events.next,
    delay: timers.delay,
    pass: timers.pass,
    bearer: (signer = EC) => {
      const seconds = Math.floor(timers.clock() / 1000)
      const claims = { ...CLAIMS, iss: issuer.issuer, iat: seconds, exp: seconds + 3600 }
      return `Bearer ${token(claims, {}, signer)}`
    },
    async [Symbol.asyncDispose]() {
      store.stop()
      await provider[Symbol.asyncDispose]()
    },
  }
}

/** `authenticated`, or the problem that its token has. */
export async function outcome(w: World, bearer: string): Promise<string> {
  const identity = await w.identify(request(bearer))
  return identity.kind === 'rejected' ? identity.problem : identity.kind
}

/** All is well. */
export const healthy = (provider: Provider) => serving(provider, [jwk(EC)])

/** Nothing but this status. */
export const status =
  (code: number): Behaviour =>
  (_, response) =>
    response.writeHead(code).end()
