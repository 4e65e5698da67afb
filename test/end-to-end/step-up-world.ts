import { setTimeout as wait } from 'node:timers/promises'
import { decodeJwt, type JWTPayload } from 'jose'
import * as oidc from 'openid-client'
import { createPerson, type Person } from '../../demo/login.ts'
import { type Stack, startStack } from '../../demo/stack.ts'
import { createStepUpFetch, type LoginWish } from '../../examples/client/step-up.ts'
import { RESOURCE, ROBOT } from '../../examples/identity-provider/clients.ts'

/** One operation for each way to be asked for more; whoever is logged in may do all of them. */
const POLICY = `
version: 1
assurance:
  - level: password
    acr: { idp: ["urn:example:acr:password"] }
  - level: mfa
    acr: { idp: ["urn:example:acr:mfa"] }
    max_age: 8h
  - level: phishing-resistant
    acr: { idp: ["urn:example:acr:phishing-resistant"] }
rules:
  - { id: health, match: { methods: [GET], paths: ["/healthz"] }, effect: allow }
  - id: change-tier
    match: { methods: [PUT, POST], paths: ["/v1/licenses/*/tier", "/licensing.v1.Licenses/ChangeTier"] }
    when: subject.authenticated
    effect: allow
    require: { level: mfa }
  - id: resize-pool
    match: { methods: [PUT], paths: ["/v1/pools/{pool}/size"] }
    when: subject.authenticated
    effect: allow
    require: { max_age: 3s }
  - id: renew
    match: { methods: [POST], paths: ["/v1/licenses/*/renew", "/licensing.v1.Licenses/Renew"] }
    when: subject.authenticated
    effect: allow
    require: { scope: [billing] }
  - { id: follow, match: { paths: ["/licensing.v1.Licenses/Follow"] }, when: subject.authenticated, effect: allow }
  - id: change-role
    match: { methods: [PUT], paths: ["/v1/users/{user}/role"] }
    when: subject.authenticated
    effect: allow
    require: { level: phishing-resistant }
  - id: once
    match: { methods: [DELETE, POST], paths: ["/v1/licenses/{license}", "/v1/licenses/{license}:activate"] }
    when: subject.authenticated
    effect: allow
    require: { level: phishing-resistant, single_use: true }
`

/** A whole stack with a policy of its own. */
export type World = {
  readonly stack: Stack
  /** Somebody who has logged in with a password, in a browser that nobody has used before. */
  readonly loggedIn: (user: string) => Promise<Client>
  /** An access token of the robot. */
  readonly robotToken: () => Promise<string>
}

/** A person and the portal in their browser. */
export type Client = {
  readonly person: Person
  /** The token of the first login. */
  readonly token: string
  /** The wishes for which the portal sent the person to the provider, in order. */
  readonly wishes: readonly LoginWish[]
  /** Every answer of the API that the portal got: `401 /v1/…`. */
  readonly answers: readonly string[]
  /** The portal's requests, which answer challenges. */
  readonly stepUpFetch: ReturnType<typeof createStepUpFetch>
}

/** Starts it; resolves when the policy is in force. Logins of a page may end at these addresses, too. */
export async function startWorld(
  options: { readonly redirectUris?: readonly string[] } = {},
): Promise<World> {
  const stack = await startStack({ say: () => {}, ...options })
  await enforce(stack).catch(async (error) => {
    await stack.stop()
    throw error
  })
  const { issuer } = stack.provider
  return {
    stack,
    loggedIn: (user) => loggedIn(stack, user),
    robotToken: () => robotToken(issuer),
  }
}

async function enforce({ service: { journal }, writePolicy }: Stack): Promise<void> {
  const from = journal.position()
  await writePolicy(POLICY)
  const { event, issues } = await journal.find(
    (line) => ['policy-loaded', 'policy-rejected'].includes(String(line.event)),
    { from },
  )
  if (event === 'policy-rejected') throw new Error(`the policy is wrong:\n${issues}`)
}

async function loggedIn({ url, provider }: Stack, user: string): Promise<Client> {
  const person = await createPerson(provider.issuer, user)
  const { config } = person
  const answers: string[] = []
  config[oidc.customFetch] = async (target, options) => {
    const response = await fetch(target, options as RequestInit)
    if (target.startsWith(url)) answers.push(`${response.status} ${new URL(target).pathname}`)
    return response
  }
  const token = await person.login()
  const wishes: LoginWish[] = []
  const login = async (wish: LoginWish) => {
    wishes.push(wish)
    // People are slower than this: nobody answers a challenge in the second in which it was given.
    if (wish.maxAge === 0) await nextSecond()
    return await person.login(wish)
  }
  const stepUpFetch = createStepUpFetch({ config, ordinaryToken: async () => token, login })
  return { person, token, wishes, answers, stepUpFetch }
}

async function robotToken(issuer: string): Promise<string> {
  const { client_id, client_secret } = ROBOT
  const options = { execute: [oidc.allowInsecureRequests] }
  const secret = oidc.ClientSecretBasic(client_secret)
  const config = await oidc.discovery(new URL(issuer), client_id, undefined, secret, options)
  const { access_token } = await oidc.clientCredentialsGrant(config, { resource: RESOURCE })
  return access_token
}

/** What an access token says; clients must not look. */
export function claimsOf(token: string): JWTPayload {
  return decodeJwt(token)
}

/** Resolves once the clock has passed a second (since the epoch) that is to be over. */
export async function secondOver(second: number): Promise<void> {
  const end = (second + 1) * 1000
  while (Date.now() < end) await wait(end - Date.now())
}

/** Resolves in the next second of the clock. */
export async function nextSecond(): Promise<void> {
  await secondOver(Math.floor(Date.now() / 1000))
}
