import type { AccessRequest } from '../domain/access-request.ts'

/**
 * Headers of requests whose answer nobody is about to see: programs read it themselves, and a page that is fetched in
 * advance (`Sec-Purpose`, and `Purpose` before it) may never be opened.
 */
const UNSEEN = ['authorization', 'x-requested-with', 'upgrade', 'sec-purpose', 'purpose']

const METHODS = ['GET', 'HEAD']

/**
 * True when a browser is about to show the answer as a page, so that it may be sent elsewhere: by its word (Fetch
 * Metadata), or without that where HTML is asked for by name. Other methods would lose their body, and a preflight
 * carries no credentials by design.
 */
export function isNavigation({ method, headers, query }: AccessRequest): boolean {
  if (!METHODS.includes(method) || query.has('access_token')) return false
  if (UNSEEN.some((name) => headers.has(name))) return false
  if (/^application\/grpc/i.test(headers.get('content-type')?.[0] ?? '')) return false
  const [mode, dest] = [headers.get('sec-fetch-mode'), headers.get('sec-fetch-dest')]
  if (mode === undefined && dest === undefined) return acceptsHtml(headers.get('accept') ?? [])
  return isOnly(mode, 'navigate') && isOnly(dest, 'document')
}

function isOnly(values: readonly string[] | undefined, value: string): boolean {
  return values?.length === 1 && values[0] === value
}

/** A wildcard is what programs send; a quality of 0 refuses (RFC 9110 §12.4.2). */
function acceptsHtml(accept: readonly string[]): boolean {
  const ranges = accept.flatMap((value) => value.toLowerCase().split(','))
  return ranges.some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim())
    return type === 'text/html' && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))
  })
}
