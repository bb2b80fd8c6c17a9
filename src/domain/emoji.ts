import { Type } from 'typebox'

/** The longest emoji are flags of regions and families, of some 35 UTF-16 units. */
const maxUnits = 64
const variation = '\ufe0f'
/** An emoji that is shown as text unless a variation selector or a skin tone follows it. */
const textual = /((?!\p{Emoji_Presentation})\p{Emoji})(?!\p{Emoji_Modifier})/gu
const one = /^\p{RGI_Emoji}$/v

/**
 * The emoji in its fully-qualified form (UTS #51, ED-18), so that each has one spelling: `❤` and `❤️` are the same. null when it
 * is not exactly one emoji that Unicode recommends for general interchange.
 */
export function toEmoji(value: string): string | null {
  if (value.length > maxUnits) return null
  const qualified = value.replaceAll(variation, '').replace(textual, `$1${variation}`)
  return one.test(qualified) ? qualified : null
}

export const Emoji = Type.Refine(
  Type.String({
    minLength: 1,
    maxLength: maxUnits,
    description: 'One emoji, as Unicode knows it.',
    examples: ['👍'],
  }),
  (value) => toEmoji(value) !== null,
  () => 'must be one emoji that Unicode recommends (RGI)',
)
