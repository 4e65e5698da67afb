import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Metadata } from '@grpc/grpc-js'
import { callWithStepUp } from '../../examples/client/step-up-grpc.ts'

const TYPE = 'type.googleapis.com/google.rpc.ErrorInfo'

/** Details that no Stepgate wrote: the call fails with its own error, and nobody is sent to a login. */
describe('a gRPC error of somebody else', () => {
  const details: [string, Buffer | null][] = [
    ['without metadata', null],
    ['with bytes that are no status', Buffer.from('ffffff', 'hex')],
    ['with half a status', Buffer.from('1a30', 'hex')],
    ['with an ErrorInfo without a value', field(0x1a, field(0x0a, TYPE))],
    ['with an ErrorInfo that is none', field(0x1a, [field(0x0a, TYPE), field(0x12, '\x0a\x30x')])],
  ]
  for (const [name, bytes] of details) {
    test(name, async () => {
      const metadata = new Metadata()
      if (bytes !== null) metadata.set('grpc-status-details-bin', bytes)
      const error = Object.assign(new Error('7 PERMISSION_DENIED'), bytes && { metadata })
      const login = () => assert.fail('a login')
      const called = callWithStepUp({ token: 'weak', login }, () => Promise.reject(error))
      await assert.rejects(called, error)
    })
  }
})

/** A length-delimited field of protobuf, its tag first. */
function field(tag: number, value: string | Buffer | readonly Buffer[]): Buffer {
  const bytes = Array.isArray(value) ? Buffer.concat(value) : Buffer.from(value as string | Buffer)
  return Buffer.concat([Buffer.from([tag, bytes.length]), bytes])
}
