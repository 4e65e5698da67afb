import assert from 'node:assert/strict'
import { createIdentify } from '../../src/identity/identify.ts'
import type { Issuer } from '../../src/identity/issuer.ts'
import { createKeyStore, type KeyRefresh, type KeyStore } from '../../src/identity/key-store.ts'
import { type Behaviour, type Provider, serving, startProvider } from './provider.ts'
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
): Promise<World> {
  const provider = await startProvider(path)
  provider.behave = behave(provider)
  const issuer: Issuer = { ...ISSUER, issuer: provider.url }
  let now = NOW * 1000
  let armed: { delay: number; callback: () => void } | undefined
  const events: KeyRefresh[] = []
  let wake = (): void => undefined
  const store = createKeyStore({
    issuers: [issuer],
    fetch,
    now: () => now,
    random: () => 0,
    timeout: 400,
    onRefresh(event) {
      events.push(event)
      wake()
    },
    schedule(delay, callback) {
      const mine = { delay, callback }
      armed = mine
      return () => {
        if (armed === mine) armed = undefined
      }
    },
  })
  async function next(): Promise<KeyRefresh> {
    const event = events.shift()
    if (event) return event
    await new Promise<void>((resolve) => {
      wake = resolve
    })
    return next()
  }
  async function tick(): Promise<KeyRefresh> {
    const timer = armed ?? assert.fail('no timer is armed')
    armed = undefined
    now += timer.delay
    timer.callback()
    return next()
  }
  const identify = createIdentify({ issuers: [issuer], ...store, now: () => now })
  return {
    provider,
    store,
    identify,
    tick,
    next,
    delay: () => armed?.delay,
    pass: (milliseconds) => {
      now += milliseconds
    },
    bearer: (signer = EC) => {
      const seconds = Math.floor(now / 1000)
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
