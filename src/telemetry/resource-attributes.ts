/**
 * Reads `OTEL_RESOURCE_ATTRIBUTES`: comma-separated `key=value` pairs, both sides percent-encoded.
 * One bad pair makes the whole null, as the specification has it (OpenTelemetry: Resource SDK).
 */
export function parseResourceAttributes(text: string): Record<string, string> | null {
  const pairs = text.split(',').filter((pair) => pair.trim() !== '')
  const entries = pairs.map(parsePair)
  return entries.every((entry) => entry !== null) ? Object.fromEntries(entries) : null
}

function parsePair(pair: string): readonly [string, string] | null {
  const [key = '', value, ...rest] = pair.split('=').map((part) => decode(part.trim()))
  if (!key || value === undefined || value === null || rest.length > 0) return null
  return [key, value]
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
