import { join } from 'node:path'
import type { ServiceError } from '@grpc/grpc-js'
import { loadSync, type MessageTypeDefinition } from '@grpc/proto-loader'
import type { LoginWish } from './step-up.ts'

/** What a caller over gRPC brings along. */
export type GrpcAccount = {
  /** The access token at hand. */
  readonly token: string
  /** Sends the user to the provider; the access token that comes of it. */
  readonly login: (wish: LoginWish) => Promise<string>
}

/** Why a call was refused: `google.rpc.ErrorInfo` as Stepgate fills it in. */
export type RefusalInfo = {
  /** The reason in capitals, such as `STEP_UP_IMPOSSIBLE`. */
  readonly reason: string
  /** What a challenge asks for: `acr_values`, `max_age` and `scope`. */
  readonly metadata: Readonly<Record<string, string>>
}

/** Makes a call, and answers a challenge with one login and one more call: `call` puts the token into the metadata. */
export async function callWithStepUp<T>(
  { token, login }: GrpcAccount,
  call: (token: string) => Promise<T>,
): Promise<T> {
  try {
    return await call(token)
  } catch (error) {
    const wish = readGrpcChallenge(error)
    if (wish === null) throw error
    return await call(await login(wish))
  }
}

/** What a challenge asks for; null for every other error, which no further login would mend. */
export function readGrpcChallenge(error: unknown): LoginWish | null {
  const info = readRefusalInfo(error)
  if (info === null || !ANSWERABLE.includes(info.reason)) return null
  const { acr_values: acrValues, max_age: maxAge, scope } = info.metadata
  return {
    ...(acrValues === undefined ? {} : { acrValues }),
    ...(maxAge === undefined ? {} : { maxAge: Number(maxAge) }),
    ...(scope === undefined ? {} : { scope }),
  }
}

/** Why Stepgate refused a call; null for an error of somebody else. */
export function readRefusalInfo(error: unknown): RefusalInfo | null {
  const [bytes] = (error as ServiceError).metadata?.get('grpc-status-details-bin') ?? []
  if (!Buffer.isBuffer(bytes)) return null
  try {
    return refusalInfoIn(bytes)
  } catch {
    // Bytes that are no status: whatever sent them, the error of the call is the one to show.
    return null
  }
}

function refusalInfoIn(bytes: Buffer): RefusalInfo | null {
  const { details } = STATUS.deserialize(bytes) as Status
  const info = details?.find(({ type_url: type }) => type?.endsWith('/google.rpc.ErrorInfo'))
  if (info === undefined) return null
  const { reason, domain, metadata = {} } = ERROR_INFO.deserialize(info.value) as ErrorInfo
  return domain === 'stepgate' ? { reason, metadata } : null
}

type Status = {
  readonly details?: readonly { readonly type_url?: string; readonly value: Buffer }[]
}
type ErrorInfo = Pick<RefusalInfo, 'reason'> & Partial<RefusalInfo> & { readonly domain: string }

const ANSWERABLE = ['INSUFFICIENT_USER_AUTHENTICATION', 'INSUFFICIENT_SCOPE']

/** Google's messages for the details of a status. */
const TYPES = loadSync(['google/rpc/status.proto', 'google/rpc/error_details.proto'], {
  includeDirs: [join(import.meta.dirname, '../../proto')],
})
const STATUS = TYPES['google.rpc.Status'] as MessageTypeDefinition<object, object>
const ERROR_INFO = TYPES['google.rpc.ErrorInfo'] as MessageTypeDefinition<object, object>
