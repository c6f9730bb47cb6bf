import type { Span } from '../protobuf/wire.ts';

/** Nodes that are named as users of a value. */
const SHOWN_USERS = 3;

/** What a graph says of one of its values: a ValueInfoProto. */
export interface ValueInfo {
  /** Its whole field in the graph, the tag included. */
  readonly field: Span;
  readonly name: Span;
  /** Where the type of the elements stands; null where none is said. */
  readonly elementType: Span | null;
}

/**
 * The values of one graph: where each name stands in the graph itself, and which are its own. A graph in a
 * node sees the values of those around it. A writer renames a value by all of these places together.
 */
export class Scope {
  /** As onnx writes it: `graph`, `graph.node[3].then_branch`. */
  readonly path: string;
  readonly children: Scope[] = [];
  /** The graph that this is in; undefined of the outermost. */
  readonly parent: Scope | undefined;
  /** The graph's message. */
  readonly span: Span;
  /** Where names begin; how long each is follows from the name. */
  readonly #places = new Map<string, number[]>();
  readonly #own = new Set<string>();
  readonly #users = new Map<string, string[]>();
  readonly #infos = new Map<string, ValueInfo[]>();
  readonly #holders = new Map<string, string>();
  /** Values that nodes take which do not take every type. */
  readonly #typed = new Set<string>();

  constructor(path: string, span: Span, parent?: Scope) {
    this.path = path;
    this.span = span;
    this.parent = parent;
    parent?.children.push(this);
  }

  /** `name` stands at `span`; an empty name is an input or output that is left out. */
  note(name: string, { start }: Span): void {
    if (name === '') return;
    const places = this.#places.get(name);
    if (places) places.push(start);
    else this.#places.set(name, [start]);
  }

  /** As `note`, where the value comes into being: an input, an initializer, an output of a node. */
  define(name: string, span: Span): void {
    this.note(name, span);
    this.#own.add(name);
  }

  /** The graph describes `name`. */
  describe(name: string, info: ValueInfo): void {
    const infos = this.#infos.get(name);
    if (infos) infos.push(info);
    else this.#infos.set(name, [info]);
  }

  /** `holder` needs `name` to be there, with the type that it has: `an output of the graph`. */
  hold(name: string, holder: string): void {
    this.#holders.set(name, holder);
  }

  /** `node` takes the value `name`; only a Cast takes every type. */
  use(name: string, { node, isCast }: { readonly node: string; readonly isCast: boolean }): void {
    if (!isCast) this.#typed.add(name);
    const users = this.#users.get(name);
    if (!users) this.#users.set(name, [node]);
    else if (users.length < SHOWN_USERS) users.push(node);
  }

  owns(name: string): boolean {
    return this.#own.has(name);
  }

  /** Every place where the value that this graph calls `name` is named, here and in the graphs inside. */
  placesOf(name: string): Span[] {
    const nbytes = Buffer.byteLength(name);
    const here = (this.#places.get(name) ?? []).map((start) => ({ start, stop: start + nbytes }));
    return [...here, ...this.#seeing(name).flatMap((child) => child.placesOf(name))];
  }

  /** What the graph itself says of its value `name`. */
  infosOf(name: string): readonly ValueInfo[] {
    return this.#infos.get(name) ?? [];
  }

  /** What other than a node needs the value; undefined where nothing does. */
  holderOf(name: string): string | undefined {
    return (
      this.#holders.get(name) ??
      this.#seeing(name)
        .map((child) => child.holderOf(name))
        .find(Boolean)
    );
  }

  /** Whether a node takes the value that does not take every type. */
  isTyped(name: string): boolean {
    return this.#typed.has(name) || this.#seeing(name).some((child) => child.isTyped(name));
  }

  /** Whether this graph or one inside names any value so. */
  mentions(name: string): boolean {
    return this.#places.has(name) || this.children.some((child) => child.mentions(name));
  }

  get root(): Scope {
    return this.parent?.root ?? this;
  }

  /** The graphs inside that see this graph's value `name`. */
  #seeing(name: string): Scope[] {
    return this.children.filter((child) => !child.owns(name));
  }

  /** The first nodes that take the value, here and in the graphs inside. */
  usersOf(name: string): readonly string[] {
    const here = this.#users.get(name) ?? [];
    if (this.children.length === 0) return here;
    return [...here, ...this.#seeing(name).flatMap((child) => child.usersOf(name))].slice(0, SHOWN_USERS);
  }
}
