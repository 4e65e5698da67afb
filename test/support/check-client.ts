import { Client, credentials } from '@grpc/grpc-js'
import type { AccessRequest } from '../../src/domain/access-request.ts'
import { type CheckDeps, createCheck } from '../../src/envoy/check.ts'
import { startServer } from '../../src/envoy/server.ts'
import { decodeOfficial, encodeOfficial, type OfficialResponse, rooms } from '../envoy/support.ts'

/** Asks a real gRPC server as Envoy does. */
export type CheckClient = {
  readonly check: (request: AccessRequest, rawPath: string) => Promise<OfficialResponse>
  readonly stop: () => Promise<void>
}

const METHOD = '/envoy.service.auth.v3.Authorization/Check'

/** Starts a server with these rooms on a free port, and a client of it. */
export async function startCheckClient(overrides: Partial<CheckDeps>): Promise<CheckClient> {
  const server = await startServer({ listen: '127.0.0.1:0', check: createCheck(rooms(overrides)) })
  const client = new Client(server.address, credentials.createInsecure())
  return {
    check: (request, rawPath) => call(client, encodeOfficial(checkRequest(request, rawPath))),
    stop: async () => {
      client.close()
      await server.stop(0)
    },
  }
}

function call(client: Client, bytes: Buffer): Promise<OfficialResponse> {
  return new Promise((resolve, reject) => {
    const pass = (buffer: Buffer) => buffer
    client.makeUnaryRequest(METHOD, pass, pass, bytes, (error, answer) => {
      if (error || !answer) reject(error ?? new Error('no answer'))
      else resolve(decodeOfficial(answer))
    })
  })
}

/** The message that Envoy would send, with `encode_raw_headers` and `pack_as_bytes` as in envoy.yaml. */
function checkRequest(request: AccessRequest, rawPath: string): object {
  const { body } = request
  const partial =
    body.kind === 'missing'
      ? []
      : [['x-envoy-auth-partial-body', [String(body.kind === 'truncated')]] as const]
  const headers = [...request.headers, ...partial].flatMap(([key, values]) =>
    values.map((value) => ({ key, raw_value: Buffer.from(value, 'latin1') })),
  )
  const seconds = Math.floor(request.time / 1000)
  return {
    attributes: {
      source: {
        principal: request.source.principal,
        ...(request.source.ip && {
          address: { socket_address: { address: request.source.ip, port_value: 1 } },
        }),
      },
      request: {
        time: { seconds, nanos: (request.time - seconds * 1000) * 1_000_000 },
        http: {
          id: request.id,
          method: request.method,
          host: request.host,
          scheme: request.scheme,
          protocol: request.protocol,
          path: rawPath,
          header_map: { headers },
          ...(body.kind === 'complete' && { raw_body: body.bytes }),
        },
      },
      context_extensions: Object.fromEntries(request.context),
    },
  }
}
