import {
  Configuration,
  customFetch,
  fetchProtectedResource,
  WWWAuthenticateChallengeError,
} from 'openid-client'

/** The challenges that `openid-client` reads out of a 401 or 403 with this `WWW-Authenticate`; null for none. */
export async function clientChallenges(
  header: string,
  status: number,
): Promise<readonly object[] | null> {
  const config = new Configuration({ issuer: 'https://idp.example' }, 'portal')
  config[customFetch] = async () =>
    new Response(null, { status, headers: { 'www-authenticate': header } })
  try {
    await fetchProtectedResource(config, 'token', new URL('https://api.example/'), 'GET')
    return null
  } catch (error) {
    if (error instanceof WWWAuthenticateChallengeError) return error.cause
    throw error
  }
}
