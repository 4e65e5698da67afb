import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js'
import { type Behaviour, decodeSpans, type ReceivedSpan, type Receiver } from './otlp-receiver.ts'

/** A collector that speaks OTLP over gRPC. */
export type GrpcReceiver = Receiver & { readonly port: number }

const PATH = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
const pass = (bytes: Buffer) => bytes

/** The messages stay bytes: only the spans in the request count, and an empty response means that all were taken. */
const TRACE_SERVICE: ServiceDefinition = {
  Export: {
    path: PATH,
    requestStream: false,
    responseStream: false,
    requestSerialize: pass,
    requestDeserialize: pass,
    responseSerialize: pass,
    responseDeserialize: pass,
  },
}

/** Starts one on a free port. */
export async function startGrpcReceiver(behaviour: Behaviour = 'accept'): Promise<GrpcReceiver> {
  const requests: Receiver['requests'] = []
  const bytes: Buffer[] = []
  const spans: ReceivedSpan[] = []
  const server = new Server()
  server.addService(TRACE_SERVICE, {
    Export: (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => {
      const headers = call.metadata.getMap() as Receiver['requests'][number]['headers']
      requests.push({ path: PATH, headers })
      bytes.push(call.request)
      if (behaviour === 'accept') spans.push(...decodeSpans(call.request))
      if (behaviour === 'hang') return
      if (behaviour === 'accept') reply(null, Buffer.alloc(0))
      else reply({ code: status.INVALID_ARGUMENT, details: 'refused' })
    },
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  const url = `http://127.0.0.1:${port}`
  return { url, port, requests, bytes, spans, close: async () => server.forceShutdown() }
}
