import type { KeyedIssuer, KeySource } from '../identity/key-source.ts'
import { createKeyStore, type KeyStore } from '../identity/key-store.ts'
import { readRegularFile } from '../runtime/read-regular-file.ts'
import { createMissingKeys, type MissingKeys } from '../shared-signals/missing-keys.ts'
import { createKeyReport, type KeyDeps } from './start-keys.ts'

/** A stream whose keys are wanted; `issuer` is the transmitter. */
export type KeyedStream = {
  readonly name: string
  readonly issuer: string
  readonly keys: KeySource
}

/** The keys of streams by their names, in the background once started. */
export type StreamKeys = Pick<KeyStore, 'start' | 'stop' | 'keysOf'> & Pick<MissingKeys, 'missed'>

/** Creates them; `loaded` is called with the name of a stream after each good load of its keys. */
export function createStreamKeys(
  deps: Omit<KeyDeps, 'settings' | 'lifecycle'>,
  streams: readonly KeyedStream[],
  loaded: (stream: string) => void,
): StreamKeys {
  const { fetch, clock, random, keyTiming = {} } = deps
  const issuers: KeyedIssuer[] = streams.map((one) => ({ ...one, name: keyName(one.name) }))
  const fixed = new Set(streams.flatMap(({ name, keys }) => (keys.from === 'static' ? [name] : [])))
  const report = createKeyReport(issuers, deps)
  const store = createKeyStore({
    issuers,
    fetch,
    readFile: readRegularFile,
    now: clock,
    random,
    timing: keyTiming,
    onRefresh: (refresh, durationMs) => {
      report(refresh, durationMs)
      if (refresh.result === 'failed') return
      const stream = refresh.issuer.slice(PREFIX.length)
      missing.loaded(stream)
      loaded(stream)
    },
  })
  const missing = createMissingKeys((stream) => store.missed(keyName(stream)), clock)
  return {
    start: store.start,
    stop: store.stop,
    keysOf: (stream) => store.keysOf(keyName(stream)),
    missed: (stream) => !fixed.has(stream) && missing.missed(stream),
  }
}

/** Before the names of streams, where those of issuers stand as well: no issuer's name has a dot. */
const PREFIX = 'shared_signals.'

function keyName(stream: string): string {
  return PREFIX + stream
}
