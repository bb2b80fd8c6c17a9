/** Marks the option that is chosen in a list whose field keeps the focus, and tells the field; where there is none, none is. */
export function markOption(field: HTMLElement, list: HTMLElement, index: number): void {
  for (const [at, option] of [...list.children].entries())
    option.setAttribute('aria-selected', String(at === index))
  const chosen = list.children[index]
  if (chosen) field.setAttribute('aria-activedescendant', chosen.id)
  else field.removeAttribute('aria-activedescendant')
  chosen?.scrollIntoView({ block: 'nearest' })
}
