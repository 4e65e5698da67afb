import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEnvoy } from '../../demo/envoy.ts'
import { findEnvoy } from '../../demo/envoy-binary.ts'
import { parseAddress } from '../../demo/envoy-config.ts'
import { placeOffice } from '../../demo/policy-copy.ts'
import { startService } from '../../demo/service.ts'
import { POLICY } from '../../demo/stack.ts'
import { startLicensingApi } from '../../examples/licensing-api/server.ts'
import { readCompose, serviceOf } from '../deploy/files.ts'
import { type RawAnswer, sendRaw } from '../end-to-end/raw-request.ts'
import type { OfficeRequest } from './traps.ts'

/** The licensing API behind Envoy and Stepgate, which trusts a realm. */
export type World = {
  readonly issuer: string
  /** Sends a request from the office; an answer without a body has `{}`. */
  readonly send: (token: string, request: OfficeRequest) => Promise<RawAnswer>
  readonly stop: () => Promise<void>
}

/** What the profile `keycloak` of docker compose says of the issuer, but for its address; and the sample policy. */
export async function startWorld(issuer: string): Promise<World> {
  await using started = new AsyncDisposableStack()
  const running = <T extends { readonly stop: () => Promise<void> }>(part: T): T =>
    started.adopt(part, ({ stop }) => stop())
  const binary = await findEnvoy({ env: process.env, say: () => {} })
  const api = running(await startLicensingApi({ port: 0 }))
  const policy = running(await copyPolicy())
  const settings = issuerSettings()
  const service = running(await startService({ policy: policy.path, issuer, settings }))
  const clusters = { stepgate: service.grpc, 'licensing-api': parseAddress(api.address) }
  const envoy = running(await startEnvoy({ binary, clusters }))
  const cleanup = started.move()
  return {
    issuer,
    send: (token, request) => send(envoy.url, token, request),
    stop: () => cleanup.disposeAsync(),
  }
}

function issuerSettings(): Readonly<Record<string, string>> {
  const { environment = {} } = serviceOf(readCompose(), 'stepgate-keycloak')
  const ours = (name: string) => /^STEPGATE_ISSUERS_IDP_(?!ISSUER$)/.test(name)
  return Object.fromEntries(Object.entries(environment).filter(([name]) => ours(name)))
}

function send(url: string, token: string, { method, path, body }: OfficeRequest) {
  const from = ['x-forwarded-for', '10.1.2.3', 'authorization', `Bearer ${token}`]
  const type = body === undefined ? [] : ['content-type', 'application/json']
  return sendRaw(url, path, [...from, ...type], method, body && JSON.stringify(body))
}

/** The sample policy with its office open. */
async function copyPolicy() {
  const folder = await mkdtemp(join(tmpdir(), 'stepgate-policy-'))
  const path = join(folder, 'policy.yaml')
  await writeFile(path, placeOffice(await readFile(POLICY, 'utf8'), Date.now(), 'open'))
  return { path, stop: () => rm(folder, { recursive: true, force: true }) }
}
