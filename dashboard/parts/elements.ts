/** The page's element with this id. Throws when there is none: the page and its script do not fit. */
export function find<E extends HTMLElement = HTMLElement>(id: string): E {
  const element = document.getElementById(id)
  if (!element) throw new Error(`the page has no #${id}`)
  return element as E
}

/** A new element; its text is text, never HTML. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  text = '',
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  if (className) element.className = className
  if (text) element.textContent = text
  return element
}

/** Changes the element only if its text differs, so that a selection and the focus are kept and nothing is drawn again. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

export function setLevel(element: HTMLElement, level: string | null | undefined): void {
  if (!level) delete element.dataset.level
  else if (element.dataset.level !== level) element.dataset.level = level
}

type Attribute = string | number | boolean | null | undefined | ((event: never) => void)

/**
 * A new element with its attributes and children: `element('button', { class: 'send', onclick: send }, 'Send')`. A function is a
 * listener; true is an attribute without a value; false, null and undefined are none. Strings are text, never HTML.
 */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, Attribute>> = {},
  ...children: (Node | string | null | undefined | false)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue
    if (typeof value === 'function') made.addEventListener(name.slice(2), value as EventListener)
    else made.setAttribute(name, value === true ? '' : String(value))
  }
  for (const child of children) if (child) made.append(child)
  return made
}
