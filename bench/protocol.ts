import { join } from 'node:path'
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader'

const SERVICE = 'envoy.service.auth.v3.Authorization'

/** The service as proto-loader makes it from `proto/`, with the conversion of every message to objects and back. */
export const AUTHORIZATION = loadSync('envoy/service/auth/v3/external_auth.proto', {
  includeDirs: [join(import.meta.dirname, '../proto')],
  longs: Number,
})[SERVICE] as ServiceDefinition

/** Where a Check goes. */
export const CHECK_PATH = `/${SERVICE}/Check`

/** The bytes of a CheckRequest. */
export function encodeRequest(request: object): Buffer {
  const { Check } = AUTHORIZATION
  if (Check === undefined) throw new Error(`proto/ declares no method Check in ${SERVICE}`)
  return Check.requestSerialize(request)
}

/** A message as gRPC sends it: a flag for no compression, the length, the bytes. */
export function frameOf(message: Buffer): Buffer {
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

/**
 * The gRPC code of the answer in such a frame, without decoding the rest: `status` is its first field and `code` the
 * first of that. -1 when it is not there, which Envoy would take for OK.
 */
export function answeredCode(frame: Uint8Array): number {
  const [tag, length] = frame.subarray(5)
  if (tag !== 0x0a) return -1
  if (length === 0) return 0
  return frame[7] === 0x08 ? (frame[8] ?? -1) : -1
}
