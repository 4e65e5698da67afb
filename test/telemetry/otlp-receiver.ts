import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader'

/** A span as the collector sees it. Ids in hexadecimal, times in nanoseconds. */
export type ReceivedSpan = {
  readonly name: string
  readonly kind: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly traceState: string
  readonly start: bigint
  readonly end: bigint
  readonly status: string
  readonly attributes: Record<string, unknown>
  readonly events: readonly { readonly name: string; readonly time: bigint }[]
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly resource: Record<string, unknown>
}

/** A collector that speaks OTLP over HTTP with protobuf. */
export type Receiver = {
  readonly url: string
  readonly requests: { readonly path: string; readonly headers: NodeJS.Dict<string | string[]> }[]
  readonly bytes: Buffer[]
  readonly spans: ReceivedSpan[]
  close(): Promise<void>
}

/** How the collector answers: `hang` takes requests and never answers. */
export type Behaviour = 'accept' | 'refuse' | 'hang'

/** Starts a collector on a free port. */
export async function startReceiver(behaviour: Behaviour = 'accept'): Promise<Receiver> {
  const requests: Receiver['requests'] = []
  const bytes: Buffer[] = []
  const spans: ReceivedSpan[] = []
  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    requests.push({ path: request.url ?? '', headers: request.headers })
    bytes.push(body)
    if (behaviour === 'accept') spans.push(...decodeSpans(body))
    if (behaviour === 'hang') return
    response.writeHead(behaviour === 'accept' ? 200 : 400).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  return { url, requests, bytes, spans, close: () => close(server) }
}

async function close(server: Server): Promise<void> {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}

type Any = Record<string, unknown> & { value: string }
type KeyValue = { key: string; value: Any }
type Context = Record<'trace_id' | 'span_id', Buffer>
type Wire = Context & { parent_span_id: Buffer } & Record<'name' | 'kind' | 'trace_state', string> &
  Record<'start_time_unix_nano' | 'end_time_unix_nano', string> & {
    attributes: KeyValue[]
    events: { name: string; time_unix_nano: string }[]
    links: Context[]
    status: { code: string } | null
  }
type Request = {
  resource_spans: { resource: { attributes: KeyValue[] }; scope_spans: { spans: Wire[] }[] }[]
}

type Service = { readonly Export: { requestDeserialize(bytes: Buffer): object } }

/** The descriptors of opentelemetry-proto, as the PyPI package `opentelemetry-proto` 1.45.2 carries them. */
const DESCRIPTORS = readFileSync(new URL('opentelemetry-proto.binpb', import.meta.url))

const SERVICE = 'opentelemetry.proto.collector.trace.v1.TraceService'
const TraceService = loadFileDescriptorSetFromBuffer(DESCRIPTORS, {
  longs: String,
  enums: String,
  defaults: true,
  oneofs: true,
})[SERVICE] as unknown as Service

/** The spans in an OTLP export request, which is the same over HTTP and over gRPC. */
export function decodeSpans(body: Buffer): ReceivedSpan[] {
  const { resource_spans: resourceSpans } = TraceService.Export.requestDeserialize(body) as Request
  return resourceSpans.flatMap(({ resource, scope_spans: scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => received(span, attributes(resource.attributes))),
    ),
  )
}

function received(span: Wire, resource: Record<string, unknown>): ReceivedSpan {
  const { name, trace_state: traceState, status } = span
  return {
    ...{ name, traceState, resource },
    kind: span.kind.replace('SPAN_KIND_', ''),
    traceId: span.trace_id.toString('hex'),
    spanId: span.span_id.toString('hex'),
    parentSpanId: span.parent_span_id.toString('hex'),
    start: BigInt(span.start_time_unix_nano),
    end: BigInt(span.end_time_unix_nano),
    status: (status?.code ?? 'STATUS_CODE_UNSET').replace('STATUS_CODE_', ''),
    attributes: attributes(span.attributes),
    events: span.events.map((event) => ({ name: event.name, time: BigInt(event.time_unix_nano) })),
    links: span.links.map((link) => ({
      traceId: link.trace_id.toString('hex'),
      spanId: link.span_id.toString('hex'),
    })),
  }
}

function attributes(pairs: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, plain(value)]))
}

function plain(any: Any): unknown {
  if (any.value === 'int_value') return Number(any.int_value)
  if (any.value !== 'array_value') return any[any.value]
  return (any.array_value as { values: Any[] }).values.map(plain)
}
