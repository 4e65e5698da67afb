import { setTimeout as wait } from 'node:timers/promises'
import { WWWAuthenticateChallengeError } from 'openid-client'
import { type LoginWish, readChallenge } from '../examples/client/step-up.ts'
import { type DeviceName, deviceHeaders } from './devices.ts'
import type { LogLine } from './journal.ts'
import { createPerson, type Person } from './login.ts'
import type { Stack } from './stack.ts'
import type { Step, TourRequest } from './tour-step.ts'

/** What came of a step. */
export type StepResult = {
  readonly status: number
  /** The `WWW-Authenticate` header. */
  readonly challenge: string | null
  /** What the challenge asks the next login for; null when there is no step-up challenge. */
  readonly wish: LoginWish | null
  /** The JSON body: of the API, or a problem. */
  readonly body: Readonly<Record<string, unknown>>
  /** The service's log line of the decision; empty when Envoy answered by itself. */
  readonly decision: LogLine
  /** True when it is what the step announced. */
  readonly asAnnounced: boolean
}

/** Walks through the tour: remembers who is logged in how, and what was asked of them last. */
export type Guide = { readonly take: (step: Step) => Promise<StepResult> }

/** Somebody on a device, logged in there. */
type Traveller = {
  readonly person: Person
  readonly browser: Readonly<Record<string, string>>
  token: string
  wish: LoginWish
  /** When they were challenged last, or their sessions ended (ms since the epoch). */
  asked: number
}

const SECOND = 1000

/** As `config/stepgate.yaml` has it. */
const SIGNALS_AUDIENCE = 'https://licensing.example.com/security-events'

type Body = StepResult['body'] & { readonly seen?: Readonly<Record<string, readonly string[]>> }

type Answer = { readonly response: Response; readonly wish: LoginWish | null }

/** A guide through a running stack. */
export function createGuide(stack: Stack): Guide {
  const travellers = new Map<string, Traveller>()
  return {
    async take(step) {
      if (step.office !== undefined) await stack.setOffice(step.office)
      const { response, wish } = await send(stack, step, travellers)
      const body = readJson(await response.text())
      const decision = await findDecision(stack, response, body)
      const { status } = response
      const challenge = response.headers.get('www-authenticate')
      const result = { status, challenge, wish, body, decision }
      return { ...result, asAnnounced: isAsAnnounced(step, result) }
    },
  }
}

async function send(stack: Stack, step: Step, travellers: Map<string, Traveller>): Promise<Answer> {
  const { as, request } = step
  if (as === 'nobody') return { response: await sendPlain(stack, request), wish: null }
  if (as === 'forger') return { response: await sendPlain(stack, request, 'forged'), wish: null }
  const device = step.on ?? LAPTOPS[as]
  const traveller = travellers.get(device) ?? (await createTraveller(stack, as, device))
  travellers.set(device, traveller)
  if (step.sessions === 'ended') await endSessions(stack, as, traveller)
  await logInFor(step, traveller)
  const answer = await sendAs(stack, request, traveller)
  if (answer.wish === null) return answer
  traveller.wish = answer.wish
  traveller.asked = Date.now()
  return answer
}

const LAPTOPS = { ada: 'laptop-ada', bob: 'laptop-bob', carol: 'laptop-carol' } as const

async function createTraveller(
  { provider, deviceKey }: Stack,
  user: string,
  device: DeviceName,
): Promise<Traveller> {
  const person = await createPerson(provider.issuer, user)
  const browser = deviceHeaders(device, deviceKey)
  return { person, browser, token: '', wish: {}, asked: 0 }
}

async function endSessions(
  { provider, service }: Stack,
  user: string,
  traveller: Traveller,
): Promise<void> {
  await provider.endSessions(user, { url: service.signalsUrl, audience: SIGNALS_AUDIENCE })
  traveller.asked = Date.now()
}

/** People never log in in the very second in which they are asked to, and a login says its second only. */
async function logInFor({ login }: Step, traveller: Traveller): Promise<void> {
  if (login === undefined) return
  const wish = login === 'as-challenged' ? traveller.wish : login
  const next = (Math.floor(traveller.asked / SECOND) + 1) * SECOND
  await wait(Math.max(0, next - Date.now()))
  traveller.token = await traveller.person.login(wish)
}

/** `openid-client` throws challenges: the wish comes out of its parser, not out of one of ours. */
async function sendAs(
  { url }: Stack,
  request: TourRequest,
  { person, browser, token }: Traveller,
): Promise<Answer> {
  try {
    const { method, path, body } = request
    const parts = { method, body, headers: { ...browser, ...forwardedFor(request) } }
    return { response: await person.fetch(token, url + path, parts), wish: null }
  } catch (error) {
    if (!(error instanceof WWWAuthenticateChallengeError)) throw error
    return { response: error.response, wish: readChallenge(error) }
  }
}

function sendPlain({ url }: Stack, request: TourRequest, token?: string): Promise<Response> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const headers = { ...forwardedFor(request), ...authorization }
  return fetch(url + request.path, { method: request.method, headers })
}

function forwardedFor({ from }: TourRequest): Record<string, string> {
  return from === undefined ? {} : { 'x-forwarded-for': from }
}

/** Envoy's own answers carry no JSON. */
function readJson(text: string): Body {
  return text.startsWith('{') ? JSON.parse(text) : {}
}

/** The decision id is in a header of a refusal, and among the headers that the API got; Envoy's own answers have none. */
async function findDecision({ service }: Stack, { headers }: Response, { seen }: Body) {
  const id = headers.get('x-stepgate-decision-id') ?? seen?.['x-stepgate-decision-id']?.[0]
  if (id === undefined) return {}
  return await service.journal.find((line) => line.event === 'decision' && line.decision_id === id)
}

function isAsAnnounced(
  { expect }: Step,
  { status, body, wish, decision }: Omit<StepResult, 'challenge' | 'asAnnounced'>,
): boolean {
  const asked = wish?.acrValues?.split(' ')[0]
  const isFor = expect.rule === undefined || expect.rule === decision.rule
  return status === expect.status && body.reason === expect.reason && asked === expect.acr && isFor
}
