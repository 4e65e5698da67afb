import { join } from 'node:path'
import {
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServiceDefinition,
  type ServiceError,
  type sendUnaryData,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { message } from '../envoy/support.ts'

/** A licence after a change, and what the upstream was told about the caller. */
export type License = {
  readonly license: string
  readonly tier: string
  readonly by: string
  readonly level: string
}

type Change = { readonly license: string; readonly tier: string }

const definition = loadSync(join(import.meta.dirname, 'licenses.proto'), { defaults: true })
const SERVICE = definition['licensing.v1.Licenses'] as ServiceDefinition

/** A licensing service over gRPC, which does whatever reaches it; `address` is `127.0.0.1:PORT`. */
export async function startGrpcLicenses() {
  const server = new Server()
  const seen: string[] = []
  const change = (call: ServerUnaryCall<Change, License>, done: sendUnaryData<License>) => {
    const told = (name: string) => String(call.metadata.get(name)[0] ?? '')
    seen.push(call.getPath())
    const { license, tier } = call.request
    done(null, { license, tier, by: told('x-stepgate-subject'), level: told('x-stepgate-level') })
  }
  const follow = (call: ServerDuplexStream<Change, License>) => {
    seen.push(call.getPath())
    call.on('data', (one: Change) => call.write({ ...one, by: '', level: '' }))
    call.on('end', () => call.end())
  }
  server.addService(SERVICE, { ChangeTier: change, Renew: change, Purge: change, Follow: follow })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  return {
    address: `127.0.0.1:${port}`,
    /** The methods that were called. */
    seen: seen as readonly string[],
    stop: async () => server.forceShutdown(),
  }
}

/** A client of it, through Envoy at a URL. */
export function createGrpcClient(url: string) {
  const client = new Client(new URL(url).host, credentials.createInsecure())
  return {
    /** Calls a method with a token; rejects with a `ServiceError`. */
    call(method: string, change: Change, token: string): Promise<License> {
      const { path, requestSerialize, responseDeserialize } = SERVICE[method] ?? noMethod(method)
      const metadata = new Metadata()
      metadata.set('authorization', `Bearer ${token}`)
      return new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          change,
          metadata,
          (error, answer) => (error ? reject(error) : resolve(answer as License)),
        )
      })
    },
    /** Opens a stream, sends one change on it and leaves it open; the first answer. */
    follow(change: Change, token: string): Promise<License> {
      const { path, requestSerialize, responseDeserialize } = SERVICE.Follow ?? noMethod('Follow')
      const metadata = new Metadata()
      metadata.set('authorization', `Bearer ${token}`)
      const call = client.makeBidiStreamRequest(
        path,
        requestSerialize,
        responseDeserialize,
        metadata,
      )
      call.write(change)
      return new Promise<License>((resolve, reject) => {
        call.on('data', resolve)
        call.on('error', reject)
      }).finally(() => call.end())
    },
    close: () => client.close(),
  }
}

function noMethod(name: string): never {
  throw new Error(`there is no method ${name}`)
}

/** What the details of a status say, read by the official messages. */
export function readDetails({ metadata }: ServiceError): object {
  const [bytes] = metadata.get('grpc-status-details-bin')
  if (!Buffer.isBuffer(bytes)) throw new Error('there are no details')
  const { code, details } = message('google.rpc.Status').deserialize(bytes) as RpcStatus
  const [detail, ...more] = details
  if (detail === undefined || more.length > 0) throw new Error('there is not one detail')
  return { code, info: message(detail.type_url.replace(/^.*\//, '')).deserialize(detail.value) }
}

type RpcStatus = {
  readonly code: number
  readonly details: readonly { readonly type_url: string; readonly value: Buffer }[]
}
