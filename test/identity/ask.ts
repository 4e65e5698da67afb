import assert from 'node:assert/strict'
import type { Client } from '@grpc/grpc-js'
import { service as healthService } from 'grpc-health-check'
import { AUTHORIZATION } from '../../src/envoy/codec.ts'
import { decodeOfficial, encodeOfficial, PLAIN } from '../envoy/support.ts'

/** Asks about a plain request with this `Authorization`, and more headers: `allow`, or the reason of the refusal. */
export async function askWith(
  client: Client,
  bearer: string,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const headers = Object.entries({ authorization: bearer, ...more }).map(([key, value]) => ({
    key,
    raw_value: Buffer.from(value),
  }))
  const http = { ...PLAIN, header_map: { headers } }
  const request = encodeOfficial({ attributes: { request: { http } } })
  const bytes = await call(client, AUTHORIZATION.Check.path, request)
  const { status, denied_response: denied } = decodeOfficial(bytes)
  if (status?.code === 0) return 'allow'
  return (JSON.parse(denied?.body ?? '{}') as { reason?: string }).reason ?? 'no reason'
}

/** What gRPC health says of the whole server. */
export async function healthOf(client: Client): Promise<string> {
  const check = healthService.Check ?? assert.fail('no health service')
  const bytes = await call(client, check.path, check.requestSerialize({ service: '' }))
  return (check.responseDeserialize(bytes) as { status: string }).status
}

function call(client: Client, path: string, bytes: Buffer): Promise<Buffer> {
  const pass = (buffer: Buffer) => buffer
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, pass, pass, bytes, (error, answer) =>
      answer === undefined ? reject(error) : resolve(answer),
    )
  })
}
