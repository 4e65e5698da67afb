import { fetchKeys, fetchKeysAt } from './discover.ts'
import type { Fetch } from './fetch-json.ts'
import { type ReadFile, readKeyFile } from './key-file.ts'
import { type KeySet, readOwnKeySet } from './key-set.ts'

/** Where an issuer's public keys come from. */
export type KeySource =
  /** The `jwks_uri` in the issuer's metadata. */
  | { readonly from: 'discovery' }
  /** An address that the operator names; no metadata is read. */
  | { readonly from: 'jwks_uri'; readonly uri: string }
  /** A JWK Set that something else keeps current; relative to the current folder. */
  | { readonly from: 'file'; readonly file: string }
  /** The operator's own list, for as long as the process runs. */
  | { readonly from: 'static'; readonly keys: readonly object[] }

/** What the keys of one issuer are found by. */
export type KeyedIssuer = {
  /** Its name in the settings. */
  readonly name: string
  /** Its identifier, a URL. */
  readonly issuer: string
  readonly keys: KeySource
}

/** How keys are reached. */
export type KeyAccess = { readonly fetch: Fetch; readonly readFile: ReadFile }

/** Gets an issuer's keys as they are now. Throws an `Error` fit to be shown to an operator, also when `signal` aborts. */
export function loadKeys(
  { issuer, keys }: KeyedIssuer,
  { fetch, readFile }: KeyAccess,
  signal: AbortSignal,
): Promise<KeySet> {
  switch (keys.from) {
    case 'discovery':
      return fetchKeys(fetch, issuer, signal)
    case 'jwks_uri':
      return fetchKeysAt(fetch, keys.uri, signal)
    case 'file':
      return readKeyFile(readFile, keys.file, signal)
    case 'static':
      return readOwnKeySet({ keys: keys.keys })
  }
}
