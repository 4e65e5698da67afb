/** What the access tokens are for: the licensing API, as resource indicator (RFC 8707) and audience. */
export const RESOURCE = 'https://licensing.example.com'

/** The portal that people use: a public client, so with PKCE. Its callback is never called, only read off the redirect. */
export const PORTAL = {
  client_id: 'licensing-portal',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code'],
  response_types: ['code'],
  redirect_uris: ['https://portal.example.com/callback'],
} as const

/** A workload: it has a secret instead of a user, so it can never answer a challenge. */
export const ROBOT = {
  client_id: 'ci-robot',
  client_secret: 'ci-robot-demo-secret-of-no-value',
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
} as const

/** Roles of the robot's tokens. */
export const ROBOT_ROLES = ['license-manager']
