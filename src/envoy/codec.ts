import { join } from 'node:path'
import type {
  MessageTypeDefinition,
  PackageDefinition,
  ServiceDefinition,
} from '@grpc/proto-loader'
import { loadSync } from '@grpc/proto-loader'
import { encodeResponse } from './encode-response.ts'
import type { CheckRequest, CheckResponse, ErrorInfo } from './wire.ts'

/** Full name of the service, also in gRPC health. */
export const SERVICE = 'envoy.service.auth.v3.Authorization'

const ERROR_INFO = 'google.rpc.ErrorInfo'

const { Check, Status, Info } = load()

/** Reads the message of a Check call; throws on bytes that are no CheckRequest. */
export function decodeCheckRequest(bytes: Uint8Array): CheckRequest {
  return Check.requestDeserialize(asBuffer(bytes)) as CheckRequest
}

/** Writes the answer to a Check call. Strings must be well-formed: Envoy fails the call over others. */
export function encodeCheckResponse(response: CheckResponse): Uint8Array {
  return encodeResponse(response)
}

/** Writes a `google.rpc.Status` with one detail: what `grpc-status-details-bin` carries. */
export function encodeStatus(code: number, message: string, info: ErrorInfo): Buffer {
  const detail = { type_url: `type.googleapis.com/${ERROR_INFO}`, value: Info.serialize(info) }
  return Status.serialize({ code, message, details: [detail] })
}

/** The service as gRPC registers it, its messages left as bytes, so that malformed ones get an answer of ours. */
export const AUTHORIZATION = {
  Check: {
    path: Check.path,
    requestStream: false,
    responseStream: false,
    requestSerialize: asBuffer,
    requestDeserialize: asBuffer,
    responseSerialize: asBuffer,
    responseDeserialize: asBuffer,
  },
} as const

function load() {
  const protos = loadSync(
    ['envoy/service/auth/v3/external_auth.proto', 'google/rpc/error_details.proto'],
    { includeDirs: [join(import.meta.dirname, '../../proto')], longs: Number },
  )
  const { Check: check } = protos[SERVICE] as ServiceDefinition
  if (check === undefined) throw new Error(`proto/ declares no method Check in ${SERVICE}`)
  return {
    Check: check,
    Status: message(protos, 'google.rpc.Status'),
    Info: message(protos, ERROR_INFO),
  }
}

function message(protos: PackageDefinition, name: string): MessageTypeDefinition<object, object> {
  const definition = protos[name]
  if (definition === undefined || !('serialize' in definition))
    throw new Error(`proto/ declares no message ${name}`)
  return definition as MessageTypeDefinition<object, object>
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
