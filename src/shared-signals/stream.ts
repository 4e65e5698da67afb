/** One transmitter that tells us of events (OpenID Shared Signals Framework 1.0 §8), as the settings have it. */
export type Stream = {
  /** Its name in the settings, in logs and in metrics. */
  readonly name: string
  /** The transmitter's identifier, compared with `iss` character by character. */
  readonly issuer: string
  /** What the transmitter calls us. */
  readonly audience: string
  /** JWS algorithms that may sign a SET; asymmetric ones only. */
  readonly algorithms: readonly string[]
  /** Seconds that the transmitter's clock may be ahead of ours. */
  readonly leeway: number
  /** The configured issuer, by its name, to which all its subjects belong; null: each says its own. */
  readonly subjects: string | null
}

/** The configured issuers' names by their URLs: whose subjects an event may be about. */
export type IssuerNames = ReadonlyMap<string, string>

/** A JSON object as parsed. */
export type JsonObject = Readonly<Record<string, unknown>>

/** True for what JSON calls an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A member of what may be an object, which stands in it itself. */
export function memberOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}
