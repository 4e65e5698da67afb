// The yardstick: grpc-js and proto-loader as everybody uses them, reading the whole request and allowing it.
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js'
import { AUTHORIZATION } from './protocol.ts'

const OK = { status: { code: 0 } }

const server = new Server()
server.addService(AUTHORIZATION, {
  Check: (_call: ServerUnaryCall<unknown, unknown>, reply: sendUnaryData<unknown>) =>
    reply(null, OK),
})
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error
  console.log(JSON.stringify({ event: 'ready', grpc: `127.0.0.1:${port}` }))
})
process.once('SIGTERM', () => process.exit(0))
