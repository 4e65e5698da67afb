import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
} from '@grpc/grpc-js'
import { decodeSpans, type ReceivedSpan } from '../telemetry/otlp-receiver.ts'

/** A collector that speaks OTLP over gRPC. */
export type GrpcReceiver = {
  readonly port: number
  readonly spans: readonly ReceivedSpan[]
  readonly stop: () => void
}

const pass = (bytes: Buffer) => bytes

/** The messages stay bytes: only the spans in the request count, and an empty response means that all were taken. */
const TRACE_SERVICE: ServiceDefinition = {
  Export: {
    path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    requestStream: false,
    responseStream: false,
    requestSerialize: pass,
    requestDeserialize: pass,
    responseSerialize: pass,
    responseDeserialize: pass,
  },
}

/** Starts one on a free port. */
export async function startGrpcReceiver(): Promise<GrpcReceiver> {
  const spans: ReceivedSpan[] = []
  const server = new Server()
  server.addService(TRACE_SERVICE, {
    Export: (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => {
      spans.push(...decodeSpans(call.request))
      reply(null, Buffer.alloc(0))
    },
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  return { port, spans, stop: () => server.forceShutdown() }
}
