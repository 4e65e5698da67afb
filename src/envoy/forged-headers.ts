/** Prefix of the headers that tell the upstream who is calling: ours alone. */
const OURS = 'x-stepgate-'

/** Headers of ours that an answer may leave unset, and then must remove, seen by us or not. */
const IDENTITY_HEADERS = ['x-stepgate-subject', 'x-stepgate-level']

/** Frameworks that honour these would run another method than the one that was allowed. */
const METHOD_OVERRIDES = ['x-http-method-override', 'x-http-method', 'x-method-override']

/**
 * The names to remove from an allowed request: incoming ones that an upstream could take for ours or that change the
 * method, as received, since Envoy removes by exact name. Upstreams read `_` as `-` (CGI); Envoy ignores case. Never one
 * of `set` (lower case), because Envoy removes after setting.
 */
export function headersToRemove(
  received: readonly string[],
  set: readonly string[],
): readonly string[] {
  const names = new Set([...IDENTITY_HEADERS, ...METHOD_OVERRIDES, ...received.filter(isForged)])
  return [...names].filter((name) => !set.includes(name.toLowerCase()))
}

function isForged(name: string): boolean {
  return FORGED.test(name)
}

/** Either kind, in any case and with `_` for `-`; one pattern, because every header of every request is looked at. */
const FORGED = new RegExp(
  `^(?:${OURS}|(?:${METHOD_OVERRIDES.join('|')})$)`.replaceAll('-', '[-_]'),
  'i',
)
