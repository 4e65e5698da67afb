import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { fromJSON } from '@grpc/proto-loader'

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

function field(type: string, id: number) {
  return { type, id }
}

function repeated(type: string, id: number) {
  return { rule: 'repeated', type, id }
}

/** The part of opentelemetry-proto's `trace/v1` and `common/v1` that is checked here, with its numbers. */
const DESCRIPTOR = {
  nested: {
    TraceService: {
      methods: { Export: { comment: '', requestType: 'Request', responseType: 'Request' } },
    },
    Request: { fields: { resourceSpans: repeated('ResourceSpans', 1) } },
    ResourceSpans: {
      fields: { resource: field('Resource', 1), scopeSpans: repeated('ScopeSpans', 2) },
    },
    Resource: { fields: { attributes: repeated('KeyValue', 1) } },
    ScopeSpans: { fields: { spans: repeated('Span', 2) } },
    Span: {
      fields: {
        traceId: field('bytes', 1),
        spanId: field('bytes', 2),
        traceState: field('string', 3),
        parentSpanId: field('bytes', 4),
        name: field('string', 5),
        kind: field('Kind', 6),
        start: field('fixed64', 7),
        end: field('fixed64', 8),
        attributes: repeated('KeyValue', 9),
        events: repeated('Event', 11),
        status: field('Status', 15),
      },
    },
    Kind: { values: { UNSPECIFIED: 0, INTERNAL: 1, SERVER: 2, CLIENT: 3 } },
    Event: { fields: { time: field('fixed64', 1), name: field('string', 2) } },
    Status: { fields: { code: field('Code', 3) } },
    Code: { values: { UNSET: 0, OK: 1, ERROR: 2 } },
    KeyValue: { fields: { key: field('string', 1), value: field('AnyValue', 2) } },
    AnyValue: {
      oneofs: { value: { oneof: ['string', 'bool', 'int', 'double', 'array'] } },
      fields: {
        string: field('string', 1),
        bool: field('bool', 2),
        int: field('int64', 3),
        double: field('double', 4),
        array: field('ArrayValue', 5),
      },
    },
    ArrayValue: { fields: { values: repeated('AnyValue', 1) } },
  },
}

type Any = Record<string, unknown> & { value: string }
type KeyValue = { key: string; value: Any }
type Wire = { attributes: KeyValue[]; events: { name: string; time: string }[] } & Record<
  'traceId' | 'spanId' | 'parentSpanId',
  Buffer
> &
  Record<'name' | 'kind' | 'traceState' | 'start' | 'end', string> & {
    status: { code: string } | null
  }
type Request = {
  resourceSpans: { resource: { attributes: KeyValue[] }; scopeSpans: { spans: Wire[] }[] }[]
}

type Service = { readonly Export: { requestDeserialize(bytes: Buffer): object } }

const { TraceService } = fromJSON(DESCRIPTOR, {
  longs: String,
  enums: String,
  defaults: true,
  oneofs: true,
}) as unknown as { readonly TraceService: Service }

/** The spans in an OTLP export request, which is the same over HTTP and over gRPC. */
export function decodeSpans(body: Buffer): ReceivedSpan[] {
  const { resourceSpans } = TraceService.Export.requestDeserialize(body) as Request
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        name: span.name,
        kind: span.kind,
        traceId: span.traceId.toString('hex'),
        spanId: span.spanId.toString('hex'),
        parentSpanId: span.parentSpanId.toString('hex'),
        traceState: span.traceState,
        start: BigInt(span.start),
        end: BigInt(span.end),
        status: span.status?.code ?? 'UNSET',
        attributes: attributes(span.attributes),
        events: span.events.map(({ name, time }) => ({ name, time: BigInt(time) })),
        resource: attributes(resource.attributes),
      })),
    ),
  )
}

function attributes(pairs: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, plain(value)]))
}

function plain(any: Any): unknown {
  if (any.value === 'int') return Number(any.int)
  if (any.value !== 'array') return any[any.value]
  return (any.array as { values: Any[] }).values.map(plain)
}
