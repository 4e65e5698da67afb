/**
 * The value at a path of claims, or undefined: of the claim with that very name, else through nested ones, a dot for each
 * step. Only own members count, so that no name reaches a prototype.
 */
export function claimAt(claims: unknown, path: string): unknown {
  const whole = member(claims, path)
  if (whole !== undefined || !path.includes('.')) return whole
  return path.split('.').reduce(member, claims)
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
}
