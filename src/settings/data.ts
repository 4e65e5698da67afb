import { z } from 'zod'
import { duration, text } from './leaf.ts'

const files = z.union([text.transform((file) => [file]), z.array(text)], {
  error: 'write a file or a list of files',
})

/** Files that say where addresses are, and how old their data may be: without `max_age`, any age. */
export const data = z.strictObject({
  location: files.prefault([]),
  max_age: duration('max_age', { least: '1d', most: '3650d' }).optional(),
})
