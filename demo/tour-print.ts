import type { LogLine } from './journal.ts'
import type { Step } from './tour.ts'
import type { StepResult } from './tour-guide.ts'

/** Request → answer → why, in the words of the request, the header and the decision log. */
export function printStep(number: number, step: Step, result: StepResult): string {
  const verdict = result.asAnnounced ? '' : `\n     ✗ announced was ${announced(step)}`
  return `
 ${number}. ${step.title}
     → ${requestLine(step)}
     ← ${answerLine(result)}
     why: ${why(result)}${verdict}`
}

function requestLine({ request, as, login }: Step): string {
  const { method, path, body, from } = request
  const json = body === undefined ? '' : ` ${JSON.stringify(body)}`
  const after = login === 'as-challenged' ? ', after a step-up login' : ''
  return `${method} ${path}${json}   as ${as}${after}, from ${from}`
}

function answerLine({ status, challenge }: StepResult): string {
  return challenge === null ? `${status}` : `${status}  WWW-Authenticate: ${challenge}`
}

function why({ decision, body }: StepResult): string {
  const reason = typeof body.reason === 'string' ? `${body.reason}: ` : ''
  const detail = typeof body.detail === 'string' ? body.detail : 'allowed'
  const parts = [`${reason}${detail}`, rule(decision), required(decision), presented(decision)]
  return parts.filter((part) => part !== null).join('; ')
}

function rule({ rule }: LogLine): string | null {
  return typeof rule === 'string' ? `rule ${rule}` : null
}

type Login = {
  readonly level?: string | null
  readonly max_age?: number
  readonly auth_age?: number
}

function required({ required }: LogLine): string | null {
  const { level, max_age } = (required ?? {}) as Login
  if (!level) return null
  return `required ${level}${max_age ? `, at most ${duration(max_age)} old` : ''}`
}

function presented({ presented }: LogLine): string | null {
  const { level, auth_age } = (presented ?? {}) as Login
  return presented ? `presented ${level ?? 'nothing'}, ${duration(auth_age ?? 0)} old` : null
}

function duration(seconds: number): string {
  if (seconds > 0 && seconds % 3600 === 0) return `${seconds / 3600} h`
  return seconds > 0 && seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`
}

function announced({ expect }: Step): string {
  return [expect.status, expect.reason, expect.acr].filter((part) => part !== undefined).join(', ')
}
