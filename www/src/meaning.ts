/**
 * Searching by meaning on a site: off until somebody turns it on, because of what has to be fetched for it. The control says how much that is, shows how far it is, and gives it up.
 */

import { announce, h } from './dom';
import { size } from './format';
import { problemOf } from './problem';
import type { Codequarry } from './quarry';

/** The model of a site, which is fetched when it is first wanted. */
export interface SiteModel {
  /** Its size; 0 when unknown. */
  readonly bytes: number;
  /** Ends a fetch that is under way. */
  signal: AbortSignal | undefined;
  /** Hears how much of it has arrived. */
  onBytes: ((bytes: number) => void) | undefined;
}

/** The control. What it says about queries is {@link Meaning.mode}. */
export class Meaning {
  readonly element: HTMLElement;
  private readonly button: HTMLButtonElement;
  private readonly note = h('span', { id: 'meaning-note' });
  private readonly fill = h('span', {});
  private readonly bar: HTMLElement;
  private state: 'off' | 'fetching' | 'on' = 'off';
  /** Bytes of vectors and model that have to be fetched. */
  private missing = { vectors: 0, model: 0 };
  private fetching: AbortController | undefined;

  constructor(
    private readonly quarry: Codequarry,
    private readonly model: SiteModel,
    private readonly changed: () => void,
  ) {
    this.button = h('button', { type: 'button', class: 'chip', id: 'meaning', 'aria-describedby': 'meaning-note' });
    this.button.addEventListener('click', () => this.press());
    this.bar = h('div', { class: 'progress', role: 'progressbar', 'aria-label': 'Fetching', 'aria-valuemin': 0, 'aria-valuemax': 100 }, this.fill);
    this.element = h('div', { class: 'meaning', hidden: true }, this.button, this.bar, this.note);
    void this.offer();
  }

  /** How to search: by words until vectors and model are here. */
  get mode(): 'lexical' | 'hybrid' {
    return this.state === 'on' ? 'hybrid' : 'lexical';
  }

  close(): void {
    this.fetching?.abort();
  }

  /** Appears where there are vectors to search by. */
  private async offer(): Promise<void> {
    const vectors = await this.quarry.vectorsToFetch().catch(() => undefined);
    if (vectors === undefined) return;
    this.missing = { vectors, model: this.model.bytes };
    this.show();
    this.element.hidden = false;
  }

  private press(): void {
    if (this.state === 'fetching') this.fetching?.abort(new DOMException('given up', 'AbortError'));
    else if (this.state === 'on') this.turn('off', 'Searching by words');
    else void this.fetch();
  }

  private async fetch(): Promise<void> {
    const fetching = new AbortController();
    this.fetching = fetching;
    this.state = 'fetching';
    const arrived = { vectors: 0, model: 0 };
    // What comes after it was given up says nothing.
    const tell = (): void => {
      if (this.fetching === fetching && !fetching.signal.aborted) this.progress(arrived.vectors + arrived.model);
    };
    this.model.signal = fetching.signal;
    this.model.onBytes = (bytes) => {
      arrived.model = bytes;
      tell();
    };
    this.show();
    tell();
    announce(`Fetching ${this.total()}`);
    try {
      await this.quarry.fetchVectors({
        signal: fetching.signal,
        onProgress: ({ done }) => {
          arrived.vectors = done;
          tell();
        },
      });
      this.missing = { vectors: 0, model: 0 };
      this.turn('on', 'Searching by words and meaning');
    } catch (thrown) {
      this.state = 'off';
      this.show();
      if (fetching.signal.aborted) return announce('Given up');
      const { code, message } = problemOf(thrown);
      this.note.replaceChildren(`Not fetched: ${message} `, h('code', {}, code));
      announce(`Not fetched: ${message}`);
    } finally {
      this.fetching = undefined;
      this.model.onBytes = undefined;
      this.model.signal = undefined;
    }
  }

  private turn(state: 'off' | 'on', said: string): void {
    this.state = state;
    this.show();
    announce(said);
    this.changed();
  }

  private show(): void {
    const { vectors, model } = this.missing;
    const fetching = this.state === 'fetching';
    this.button.textContent = fetching ? 'Give up' : 'By meaning, too';
    if (fetching) this.button.removeAttribute('aria-pressed');
    else this.button.setAttribute('aria-pressed', String(this.state === 'on'));
    this.bar.hidden = !fetching;
    if (fetching) return;
    const what = [vectors > 0 && `vectors of ${size(vectors)}`, model > 0 && `a model of ${size(model)}`].filter((part) => part !== false).join(' and ');
    this.note.textContent = this.state === 'off' && what !== '' ? `Fetches ${what}, once` : '';
  }

  private total(): string {
    return size(this.missing.vectors + this.missing.model);
  }

  private progress(bytes: number): void {
    const all = this.missing.vectors + this.missing.model;
    this.note.textContent = all === 0 ? size(bytes) : `${size(Math.min(bytes, all))} of ${size(all)}`;
    this.bar.classList.toggle('endless', all === 0);
    if (all === 0) return;
    const share = Math.min(1, bytes / all);
    this.fill.style.transform = `scaleX(${share})`;
    this.bar.setAttribute('aria-valuenow', String(Math.floor(share * 100)));
  }
}
