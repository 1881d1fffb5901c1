/** The symbols of the open file, as a menu that jumps to them. */

import { h } from './dom';
import type { SymbolInfo } from './quarry';

/** The menu; it hides itself where a file has no symbols. */
export class OutlineMenu {
  readonly element = h('select', { class: 'outline', 'aria-label': 'Go to symbol', hidden: true });
  private symbols: readonly SymbolInfo[] = [];

  constructor(goTo: (line: number, lineEnd: number) => void) {
    this.element.addEventListener('change', () => {
      const symbol = this.symbols[Number(this.element.value)];
      this.element.value = '';
      if (symbol !== undefined) goTo(symbol.startLine, symbol.endLine);
    });
  }

  show(symbols: readonly SymbolInfo[]): void {
    this.symbols = symbols;
    this.element.hidden = symbols.length === 0;
    this.element.replaceChildren(h('option', { value: '' }, 'Symbols'), ...symbols.map(entry));
  }
}

/** Indented by how deep it is declared; an option cannot hold more than text. */
function entry({ name, parent, kind, startLine }: SymbolInfo, index: number): HTMLOptionElement {
  const depth = parent === null || parent === '' ? 0 : parent.split('.').length;
  return h('option', { value: index }, `${'\u2003'.repeat(depth)}${name}  ·  ${kind}  ·  ${startLine}`);
}
