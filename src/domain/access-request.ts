/**
 * One request as the policy sees it: canonical, lower-cased where the standard says so, and free of Envoy's types.
 * Built only by `envoy/read.ts`; everything in it has been checked for ambiguity already.
 */
export type AccessRequest = {
  /** Envoy's stream id: with `time` it names one attempt, and a retried Check repeats both. */
  readonly id: string
  /** Start of the request as Envoy saw it, milliseconds since the epoch. */
  readonly time: number
  /** RFC 9110 method token, upper case. */
  readonly method: string
  /** Lower case, without port and trailing dot. */
  readonly host: string
  /** The path in its one canonical form, without the query. */
  readonly path: CanonicalPath
  readonly scheme: string
  /** That the authority names; absent where it names none, and the scheme says it. */
  readonly port?: number
  /** As Envoy names it: `HTTP/1.1`, `HTTP/2`, `HTTP/3`. */
  readonly protocol: string
  /** Query parameters: name → every value, decoded. */
  readonly query: MultiMap
  /** Header names in lower case → every value as received; pseudo headers are left out. */
  readonly headers: MultiMap
  /** Header names exactly as received, needed to remove forged ones by name. */
  readonly headerNames: readonly string[]
  readonly body: RequestBody
  /** The route's `context_extensions`, which only Envoy's configuration can set. */
  readonly context: ReadonlyMap<string, string>
  /** What Envoy's filters found out, by their names: only what the ext_authz filter is told to send. */
  readonly metadata: FilterMetadata
  readonly source: Source
}

/** Filter name → what it left there, as plain JSON (Envoy's `filter_metadata`); null where that is more than is read. */
export type FilterMetadata = ReadonlyMap<string, Readonly<Record<string, unknown>> | null>

/** A name with all its values, in order. */
export type MultiMap = ReadonlyMap<string, readonly string[]>

/** A path that every parser reads alike: `text` to show and compare, `segments` percent-decoded for templates. */
export type CanonicalPath = {
  readonly text: string
  /** `/v1/licenses/L-1` is `['v1','licenses','L-1']`; `/` is `['']`; a trailing slash adds an empty last segment. */
  readonly segments: readonly string[]
}

/** What arrived of the body: whole bytes, or the reason why it cannot be read. */
export type RequestBody =
  | { readonly kind: 'complete'; readonly bytes: Uint8Array }
  | { readonly kind: 'missing' }
  | { readonly kind: 'truncated' }

/** Where the request came from. */
export type Source = {
  /** The client's address after trusted hops, in canonical text; null when Envoy gave none (a Unix socket). */
  readonly ip: string | null
  /** The peer certificate's URI SAN, DNS SAN or subject; empty without mutual TLS. */
  readonly principal: string
  /** The peer certificate as Envoy has it, PEM in URL encoding; absent unless Envoy is told to send it. */
  readonly certificate?: string
}

/** The attempt of Envoy's that asks: a retried Check repeats both parts of it. Null when it has no id. */
export function streamOf({ id, time }: AccessRequest): string | null {
  return id === '' ? null : `${id}@${time}`
}

/** The first value of a header or query parameter, or undefined when there is none. */
export function first(values: MultiMap, name: string): string | undefined {
  return values.get(name)?.[0]
}
