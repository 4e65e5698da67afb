import { join } from 'node:path'
import {
  type GrpcObject,
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServiceClientConstructor,
  type sendUnaryData,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { HealthImplementation } from 'grpc-health-check'

/** What Envoy asked, as far as the tests look at it. */
export type Asked = {
  readonly source: { readonly address: { readonly socketAddress: { readonly address: string } } }
  readonly request: { readonly http: AskedHttp }
}

type AskedHttp = {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly headerMap: {
    readonly headers: readonly { readonly key: string; readonly rawValue: Buffer }[]
  }
  readonly rawBody: Buffer
  readonly body: string
}

/** What to answer: a response, an RPC error, or nothing at all. */
export type Reply = Readonly<Record<string, unknown>> | Error | 'silence'

/** An authorization server that answers as it is told and remembers what it was asked. */
export type FakeAuthorizer = {
  readonly port: number
  reply: Reply
  readonly asked: Asked[]
  readonly stop: () => void
}

const PROTO = join(import.meta.dirname, '../../proto')
const SERVICE = 'envoy/service/auth/v3/external_auth.proto'

/** Starts one on a free port; it says OK until told otherwise. */
export async function startFakeAuthorizer(): Promise<FakeAuthorizer> {
  const server = new Server()
  const fake = { reply: OK as Reply, asked: [] as Asked[] }
  const check = (call: { request: { attributes: Asked } }, done: sendUnaryData<unknown>) => {
    fake.asked.push(call.request.attributes)
    if (fake.reply instanceof Error) done(fake.reply)
    else if (fake.reply !== 'silence') done(null, fake.reply)
  }
  server.addService(authorizationService(), { Check: check })
  new HealthImplementation({ '': 'SERVING' }).addToServer(server)
  const port = await bind(server)
  return Object.assign(fake, { port, stop: () => server.forceShutdown() })
}

/** The request may pass. */
export const OK: Reply = { status: { code: 0 }, okResponse: {} }

function authorizationService() {
  const definition = loadSync(SERVICE, { includeDirs: [PROTO], defaults: true })
  const loaded = loadPackageDefinition(definition) as Nested
  return loaded.envoy.service.auth.v3.Authorization.service
}

type Nested = GrpcObject & {
  envoy: { service: { auth: { v3: { Authorization: ServiceClientConstructor } } } }
}

function bind(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    )
  })
}
