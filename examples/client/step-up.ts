import {
  type Configuration,
  fetchProtectedResource,
  WWWAuthenticateChallengeError,
} from 'openid-client'

/** What a challenge asks of the next login (RFC 9470 §3, RFC 6750 §3). */
export type LoginWish = {
  /** Space-separated, best first: one of them is enough. */
  readonly acrValues?: string
  /** How old the login may be, in seconds; 0 asks for a login for this one request. */
  readonly maxAge?: number
  /** Space-separated: all of them are needed. */
  readonly scope?: string
}

/** A request that can be sent twice: its body is a text, not a stream. */
export type ApiRequest = {
  readonly method?: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** What your application brings along. */
export type Account = {
  /** `openid-client` as it is set up for your client. */
  readonly config: Configuration
  /** The access token of the ordinary login, refreshed by you when it ends. */
  readonly ordinaryToken: () => Promise<string>
  /** Sends the user to the provider with `authorizationParameters`; the access token that comes of it. */
  readonly login: (wish: LoginWish) => Promise<string>
}

/** What a challenge asks for; null for every other error, which no further login would mend. */
export function readChallenge(error: unknown): LoginWish | null {
  const bearer = bearerChallenge(error)
  if (bearer === undefined || !ANSWERABLE.includes(bearer.error)) return null
  const { acr_values: acrValues, max_age: maxAge, scope } = bearer
  return {
    ...(acrValues === undefined ? {} : { acrValues }),
    ...(maxAge === undefined ? {} : { maxAge: Number(maxAge) }),
    ...(scope === undefined ? {} : { scope }),
  }
}

/** A wish as parameters of an authorization request; `scopes` are those that your application always asks for. */
export function authorizationParameters(
  { acrValues, maxAge, scope }: LoginWish,
  scopes: readonly string[],
): Record<string, string> {
  const wanted = new Set([...scopes, ...(scope?.split(' ') ?? [])])
  return {
    scope: [...wanted].join(' '),
    ...(acrValues === undefined ? {} : { acr_values: acrValues }),
    ...(maxAge === undefined ? {} : { max_age: String(maxAge) }),
  }
}

/**
 * A `fetch` that answers a challenge with one login and one retry. A second challenge is thrown as
 * `WWWAuthenticateChallengeError`, as are those that no login would mend: it never loops. It keeps the token of that login:
 * make one for each user, and a new one with every ordinary login.
 */
export function createStepUpFetch({ config, ordinaryToken, login }: Account) {
  const logins = createLogins(login)
  return async function stepUpFetch(url: URL, request: ApiRequest = {}): Promise<Response> {
    const { method = 'GET', body, headers } = request
    const send = (token: string) =>
      fetchProtectedResource(config, token, url, method, body, new Headers(headers))
    const steppedUp = logins.latest()
    const token = steppedUp?.token ?? (await ordinaryToken())
    try {
      return await send(token)
    } catch (error) {
      const wish = readChallenge(error)
      if (wish !== null) return await send(await logins.tokenFor(besides(wish, steppedUp), token))
      if (steppedUp === null || bearerChallenge(error)?.error !== 'invalid_token') throw error
      // A stepped-up token may be short-lived: the ordinary one was kept for that.
      logins.forget(token)
      return await stepUpFetch(url, request)
    }
  }
}

/** A token of a login that answered a challenge, and all that it was asked for. */
type SteppedUp = { readonly token: string; readonly wish: LoginWish }

/**
 * Also what the refused token was asked for, except its age: a provider may give just the level and the scopes of the
 * request before it, and operations that need one and then the other would send the user there each time.
 */
function besides(wish: LoginWish, refused: SteppedUp | null): LoginWish {
  const acrValues = wish.acrValues ?? refused?.wish.acrValues
  const scopes = [refused?.wish.scope, wish.scope].flatMap((text) => text?.split(' ') ?? [])
  return {
    ...wish,
    ...(acrValues === undefined ? {} : { acrValues }),
    ...(scopes.length === 0 ? {} : { scope: [...new Set(scopes)].join(' ') }),
  }
}

/** One login at a time, and one for all requests that are asked for the same. */
function createLogins(login: (wish: LoginWish) => Promise<string>) {
  let latest: SteppedUp | null = null
  let turn: Promise<unknown> = Promise.resolve()
  const running = new Map<string, Promise<string>>()

  function inTurn(wish: LoginWish): Promise<string> {
    const result = turn.then(() => login(wish))
    turn = result.catch(() => {})
    return result
  }

  async function shared(wish: LoginWish, key: string): Promise<string> {
    try {
      const token = await inTurn(wish)
      latest = { token, wish }
      return token
    } finally {
      running.delete(key)
    }
  }

  return {
    latest: () => latest,
    forget(token: string) {
      if (latest?.token === token) latest = null
    },
    async tokenFor(wish: LoginWish, refused: string): Promise<string> {
      // Spent by the one request that it is for: neither shared nor kept.
      if (wish.maxAge === 0) return await inTurn(wish)
      const key = keyOf(wish)
      // Another request has met the same challenge, and its login ended while this one was on its way.
      if (latest !== null && latest.token !== refused && keyOf(latest.wish) === key)
        return latest.token
      const token = running.get(key) ?? shared(wish, key)
      running.set(key, token)
      return await token
    },
  }
}

function keyOf({ acrValues, maxAge, scope }: LoginWish): string {
  return JSON.stringify([acrValues, maxAge, scope])
}

function bearerChallenge(error: unknown) {
  if (!(error instanceof WWWAuthenticateChallengeError)) return undefined
  return error.cause.find(({ scheme }) => scheme === 'bearer')?.parameters
}

/** The errors that another login mends. */
const ANSWERABLE: readonly unknown[] = ['insufficient_user_authentication', 'insufficient_scope']
