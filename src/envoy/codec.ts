import { join } from 'node:path'
import type { ServiceDefinition } from '@grpc/proto-loader'
import { loadSync } from '@grpc/proto-loader'
import type { CheckRequest, CheckResponse } from './wire.ts'

/** Full name of the service, also in gRPC health. */
export const SERVICE = 'envoy.service.auth.v3.Authorization'

const { Check } = load()

/** Reads the message of a Check call; throws on bytes that are no CheckRequest. */
export function decodeCheckRequest(bytes: Uint8Array): CheckRequest {
  return Check.requestDeserialize(asBuffer(bytes)) as CheckRequest
}

/** Writes the answer to a Check call. Strings must be well-formed: Envoy fails the call over others. */
export function encodeCheckResponse(response: CheckResponse): Uint8Array {
  return Check.responseSerialize(response)
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

function load(): { readonly Check: Method } {
  const protos = loadSync('envoy/service/auth/v3/external_auth.proto', {
    includeDirs: [join(import.meta.dirname, '../../proto')],
    longs: Number,
  })
  const { Check: check } = protos[SERVICE] as ServiceDefinition
  if (check === undefined) throw new Error(`proto/ declares no method Check in ${SERVICE}`)
  return { Check: check }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

type Method = ServiceDefinition[string]
