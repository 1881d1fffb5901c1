/** The colours of symbol kinds: a handful of groups, so that a colour means something. */

const GROUPS: Readonly<Record<string, string>> = {
  function: 'callable',
  method: 'callable',
  constructor: 'callable',
  macro: 'callable',
  class: 'type',
  interface: 'type',
  enum: 'type',
  struct: 'type',
  trait: 'type',
  impl: 'type',
  type: 'type',
  type_parameter: 'type',
  module: 'container',
  namespace: 'container',
  section: 'container',
  element: 'container',
  selector: 'container',
};

/** The CSS class of a kind; what is neither called, a type nor a container is a value. */
export function kindClass(kind: string): string {
  return `kind-${GROUPS[kind] ?? 'value'}`;
}
