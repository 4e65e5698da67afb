import type { AccessRequest, MultiMap, RequestBody } from '../domain/access-request.ts'
import { first } from '../domain/access-request.ts'
import { canonicalPath } from '../domain/canonical-path.ts'
import { canonicalHost, isPlainMethod, portOf } from '../domain/request-target.ts'
import { clientAddress } from './client-address.ts'
import { append, type ReceivedHeaders, readHeaders } from './read-headers.ts'
import { readMetadata } from './read-metadata.ts'
import type { AttributeContext, CheckRequest, HttpRequest, Timestamp } from './wire.ts'

/** The request as the policy sees it, or the reason why it cannot be seen in one way only. */
export type Reading = { readonly grpc: boolean } & (
  | { readonly kind: 'request'; readonly request: AccessRequest }
  | { readonly kind: 'refused'; readonly reason: 'ambiguous-path' | 'ambiguous-method' }
)

/** What reading depends on. */
export type ReadSettings = {
  /** Proxies in front of Envoy whose X-Forwarded-For counts. */
  readonly trustedHops: number
  /** The filters whose metadata is read; that of others is not. */
  readonly metadataNamespaces: readonly string[]
  /** The clock for a request without a time, in milliseconds. */
  readonly now: () => number
}

/**
 * Turns Envoy's view of a request into ours, or refuses what two readers could take for different things. An
 * authority that is neither a plain name nor an address goes under `ambiguous-path`: it is part of the same target.
 */
export function readRequest(check: CheckRequest, settings: ReadSettings): Reading {
  const attributes = check.attributes ?? {}
  const http = attributes.request?.http ?? {}
  const headers = readHeaders(http)
  const grpc = isGrpc(headers.values)
  if (!isPlainMethod(http.method ?? ''))
    return { kind: 'refused', reason: 'ambiguous-method', grpc }
  const target = readTarget(http)
  if (target === undefined) return { kind: 'refused', reason: 'ambiguous-path', grpc }
  const request = {
    ...target,
    ...readHead(http, headers),
    time: milliseconds(attributes.request?.time) ?? settings.now(),
    context: new Map(Object.entries(attributes.contextExtensions ?? {})),
    metadata: readMetadata(attributes.metadataContext, settings.metadataNamespaces),
    source: readSource(attributes, headers.values, settings.trustedHops),
  }
  return { kind: 'request', request, grpc }
}

function readTarget(
  http: HttpRequest,
): Pick<AccessRequest, 'host' | 'port' | 'path' | 'query'> | undefined {
  const authority = http.host ?? ''
  const host = canonicalHost(authority)
  const reading = canonicalPath(http.path ?? '')
  if (host === undefined || reading.kind === 'ambiguous') return undefined
  const port = portOf(authority)
  const target = { host, path: reading.path, query: readQuery(reading.query) }
  return port === undefined ? target : { ...target, port }
}

function readHead(http: HttpRequest, headers: ReceivedHeaders) {
  return {
    id: http.id ?? '',
    method: http.method ?? '',
    scheme: http.scheme ?? '',
    protocol: http.protocol ?? '',
    headers: headers.values,
    headerNames: headers.names,
    body: readBody(http, headers.values),
  }
}

/** application/x-www-form-urlencoded (WHATWG URL §5.1): a bad escape stays as it is written. */
function readQuery(query: string): MultiMap {
  const values = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(`?${query}`)) append(values, name, value)
  return values
}

/** Only bytes that Envoy vouches for as whole count; its text form has been altered where it was no UTF-8. */
function readBody(http: HttpRequest, headers: MultiMap): RequestBody {
  const partial = headers.get('x-envoy-auth-partial-body')
  if (http.rawBody === undefined) return { kind: partial?.[0] === 'true' ? 'truncated' : 'missing' }
  const whole = partial?.length === 1 && partial[0] === 'false'
  return whole ? { kind: 'complete', bytes: http.rawBody } : { kind: 'truncated' }
}

function readSource({ source }: AttributeContext, headers: MultiMap, trustedHops: number) {
  const peer = source?.address?.socketAddress?.address
  const forwardedFor = headers.get('x-forwarded-for') ?? []
  const ip = clientAddress(peer, forwardedFor, trustedHops)
  const known = { ip, principal: source?.principal ?? '' }
  return source?.certificate ? { ...known, certificate: source.certificate } : known
}

function milliseconds(time: Timestamp | undefined): number | undefined {
  if (time === undefined) return undefined
  return (time.seconds ?? 0) * 1000 + Math.floor((time.nanos ?? 0) / 1_000_000)
}

/** As Envoy tells gRPC apart; gRPC-Web is plain HTTP to it. */
function isGrpc(headers: MultiMap): boolean {
  return /^application\/grpc(?:$|[+;])/i.test(first(headers, 'content-type') ?? '')
}
