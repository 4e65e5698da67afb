import type { LogLine } from './journal.ts'
import type { StepResult } from './tour-guide.ts'
import type { Step } from './tour-step.ts'

/** Request → answer → why, in the words of the request, the header and the decision log. */
export function printStep(number: number, step: Step, result: StepResult): string {
  const verdict = result.asAnnounced ? '' : `\n     ✗ announced was ${announced(step)}`
  return `
 ${number}. ${step.title}
     → ${requestLine(step)}
     ← ${answerLine(result)}
     why: ${why(result)}${verdict}`
}

function requestLine({ request, as, on, login }: Step): string {
  const { method, path, body, from } = request
  const json = body === undefined ? '' : ` ${JSON.stringify(body)}`
  const device = on === undefined ? '' : ` on ${on}`
  const after = login === 'as-challenged' ? ', after a step-up login' : ''
  return `${method} ${path}${json}   as ${as}${device}${after}, from ${from}`
}

function answerLine({ status, challenge }: StepResult): string {
  return challenge === null ? `${status}` : `${status}  WWW-Authenticate: ${challenge}`
}

function why({ decision, body }: StepResult): string {
  const reason = typeof body.reason === 'string' ? `${body.reason}: ` : ''
  const detail = typeof body.detail === 'string' ? body.detail : 'allowed'
  const grounds = [rule, required, presented, risk].map((say) => say(decision))
  return [`${reason}${detail}`, ...grounds].filter((part) => part !== null).join('; ')
}

function rule({ rule }: LogLine): string | null {
  return typeof rule === 'string' ? `rule ${rule}` : null
}

type Login = {
  readonly level?: string | null
  readonly max_age?: number
  readonly single_use?: boolean
  readonly auth_age?: number
}

type Risk = { readonly level: string; readonly score: number; readonly signals: readonly string[] }

function required({ required }: LogLine): string | null {
  const { level, max_age, single_use } = (required ?? {}) as Login
  if (!level) return null
  if (single_use) return `required ${level}, for this request only`
  return `required ${level}${max_age ? `, at most ${duration(max_age)} old` : ''}`
}

function presented({ presented }: LogLine): string | null {
  const { level, auth_age } = (presented ?? {}) as Login
  return presented ? `presented ${level ?? 'nothing'}, ${duration(auth_age ?? 0)} old` : null
}

/** Where several things are odd; one alone would only be noise. */
function risk({ risk }: LogLine): string | null {
  const { level, score, signals } = (risk ?? { level: null }) as Risk
  return level === null ? null : `risk ${score} (${level}) of ${signals.join(', ')}`
}

function duration(seconds: number): string {
  if (seconds > 0 && seconds % 3600 === 0) return `${seconds / 3600} h`
  return seconds > 0 && seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`
}

function announced({ expect }: Step): string {
  const { status, reason, acr, rule } = expect
  return [status, reason, acr, rule].filter((part) => part !== undefined).join(', ')
}
