/**
 * The page's only way to make elements: typed, and text is always text.
 *
 * Nothing in the page is ever parsed as HTML, so a path or a line of code cannot become markup.
 */

/** What an element may be given: attributes as strings, `true` for a bare attribute, listeners as functions. */
export type Attributes = Record<string, string | number | boolean | undefined | ((event: never) => void)>;

/** What may stand inside an element; `undefined`, `null` and `false` are left out. */
export type Child = Node | string | undefined | null | false;

/**
 * Makes an element. Attribute names are HTML's own (`class`, `aria-label`); a name that starts with
 * `on` takes a listener.
 */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child): child is Node | string => child instanceof Node || typeof child === 'string'));
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

/** Icons as the path data of a 24-unit box, drawn with strokes. */
const ICONS = {
  folder: 'M3 7a2 2 0 0 1 2-2h4l2 2h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z',
  archive: 'M4 8h16v11a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1zM3 4h18v4H3zM10 12h4',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5',
  copy: 'M9 9h10v11H9zM5 15V4h10',
  close: 'M6 6l12 12M18 6 6 18',
  trash: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5',
  warning: 'M12 4 2.5 20h19zM12 10v4M12 17v.5',
  chevron: 'M9 6l6 6-6 6',
  check: 'M5 12l5 5 9-10',
  filter: 'M4 6h16M7 12h10M10 18h4',
} as const;

/** Draws one of the icons; it is decoration, so assistive technology does not see it. */
export function icon(name: keyof typeof ICONS): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('focusable', 'false');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

/** The element with this id, which index.html promises to hold. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`index.html has no #${id}`);
  return element;
}

/** Says something to screen readers without moving the focus. */
export function announce(text: string): void {
  byId('announce').textContent = text;
}

/** Puts text on the clipboard; `false` where the browser does not let the page. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
