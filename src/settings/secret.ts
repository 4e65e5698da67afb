import { z } from 'zod'
import { mistake } from './leaf.ts'

/** Where a secret is: in a variable of the environment, or in a file. */
export type SecretReference = { readonly env: string } | { readonly file: string }

/** `env:NAME` or `file:PATH`. Anything else may be the secret itself, and is never shown. */
export const secretReference = z.string().transform((value, context): SecretReference => {
  const [, env, file] = /^(?:env:([A-Za-z_]\w*)|file:(.+))$/.exec(value) ?? []
  if (env !== undefined) return { env }
  if (file !== undefined) return { file }
  const hint =
    'write env: and the name of a variable, or file: and a path; a secret has no place here'
  return mistake(context, 'bad-secret', 'this does not say where a secret is', hint)
})
