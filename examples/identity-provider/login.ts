import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Interaction, Provider } from 'oidc-provider'
import { type CodeBook, checkFactors } from './factors.ts'
import { type Factor, type Level, methodsOf, missingFactors, wantedLevel } from './levels.ts'
import { loginPage, messagePage } from './pages.ts'
import { findUser } from './users.ts'

/** One login in progress. */
type Task = {
  readonly level: Level
  /** Known from the session; null when the page has to ask. */
  readonly user: string | null
  /** Methods of the session that still count. */
  readonly held: readonly string[]
  /** What the user has to prove now. */
  readonly factors: readonly Factor[]
}

const MAX_FORM = 4096

/** Reasons for which nothing of the session counts any more. */
const AFRESH = ['no_session', 'login_prompt', 'max_age']

/**
 * Serves the login page: GET shows what is missing, POST checks it and sends the user back to the client.
 * A completed step renews `auth_time`, also when only one factor was missing.
 */
export async function handleLogin(
  provider: Provider,
  codes: CodeBook,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const interaction = await provider.interactionDetails(request, response).catch(() => null)
  if (interaction === null) {
    send(response, 400, messagePage('This login has ended. Start again from the application.'))
    return
  }
  const task = createTask(interaction)
  if (request.method !== 'POST') {
    send(response, 200, loginPage({ ...task, error: null }))
    return
  }
  const form = await readForm(request)
  const user = findUser(task.user ?? form.get('user') ?? '')
  const error = checkFactors(user, task.factors, form, codes)
  if (user === undefined || error !== null) {
    send(response, 401, loginPage({ ...task, error }))
    return
  }
  const amr = methodsOf(task.held, task.factors)
  const login = { accountId: user.id, acr: task.level.acr, amr }
  await provider.interactionFinished(
    request,
    response,
    { login },
    { mergeWithLastSubmission: false },
  )
}

function createTask({ params, prompt, session }: Interaction): Task {
  const level = wantedLevel(params.acr_values)
  const afresh = prompt.reasons.some((reason) => AFRESH.includes(reason))
  const held = afresh ? [] : (session?.amr ?? [])
  return { level, held, user: session?.accountId ?? null, factors: missingFactors(level, held) }
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const chunk of request) {
    text += chunk
    if (text.length > MAX_FORM) return new URLSearchParams()
  }
  return new URLSearchParams(text)
}

function send(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  })
  response.end(html)
}
