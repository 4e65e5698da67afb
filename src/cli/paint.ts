import { styleText } from 'node:util'
import type { CliWorld } from './world.ts'

export type Colour = 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold'

/** Colours a text, or gives it back as it is where colours are not wanted. */
export type Paint = (colour: Colour, text: string) => string

/** Paints for a terminal only. */
export function painter({ colour }: Pick<CliWorld, 'colour'>): Paint {
  return (name, text) => (colour ? styleText(name, text, { validateStream: false }) : text)
}

/** Masks what could steer a terminal; colours are added afterwards. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, '?')
}

/** A count with its noun, as `1 error` and `2 errors`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
