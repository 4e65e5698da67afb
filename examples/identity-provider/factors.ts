import type { Factor } from './levels.ts'
import { acceptedStep } from './totp.ts'
import type { User } from './users.ts'

/** The one-time codes: which time step each user has spent last, and the clock in milliseconds. */
export type CodeBook = { readonly spent: Map<string, number>; readonly now: () => number }

const WRONG = 'That is not right.'

/** What is wrong with the answers to the factors asked for, as a sentence for the user; null when all are right. */
export function checkFactors(
  user: User | undefined,
  factors: readonly Factor[],
  form: URLSearchParams,
  codes: CodeBook,
): string | null {
  if (user === undefined || factors.length === 0) return WRONG
  for (const factor of factors) {
    const error = checkFactor(user, factor, form, codes)
    if (error !== null) return error
  }
  return null
}

function checkFactor(user: User, factor: Factor, form: URLSearchParams, codes: CodeBook) {
  switch (factor) {
    case 'password':
      return form.get('password') === user.password ? null : WRONG
    case 'otp':
      return spendCode(user, form.get('otp') ?? '', codes)
    case 'passkey':
      return form.get('passkey') === 'simulated' ? null : WRONG
  }
}

function spendCode(user: User, code: string, { spent, now }: CodeBook): string | null {
  const step = acceptedStep(user.totpSecret, code, now(), spent.get(user.id) ?? -1)
  if (step === null) return 'The code is wrong, too old or already used.'
  spent.set(user.id, step)
  return null
}
