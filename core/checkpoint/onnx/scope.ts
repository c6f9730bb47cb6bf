import type { Span } from '../protobuf/wire.ts';

/** Nodes that are named as users of a value. */
const SHOWN_USERS = 3;

/**
 * The values of one graph: where each name stands in the graph itself, and which are its own. A graph in a
 * node sees the values of those around it. A writer renames a value by all of these places together.
 */
export class Scope {
  /** As onnx writes it: `graph`, `graph.node[3].then_branch`. */
  readonly path: string;
  readonly children: Scope[] = [];
  /** Where names begin; how long each is follows from the name. */
  readonly #places = new Map<string, number[]>();
  readonly #own = new Set<string>();
  readonly #users = new Map<string, string[]>();

  constructor(path: string, parent?: Scope) {
    this.path = path;
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

  /** `node` takes the value `name`. */
  use(name: string, node: string): void {
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
    const inside = this.children.filter((child) => !child.owns(name));
    return [...here, ...inside.flatMap((child) => child.placesOf(name))];
  }

  /** The first nodes that take the value, here and in the graphs inside. */
  usersOf(name: string): readonly string[] {
    const here = this.#users.get(name) ?? [];
    if (this.children.length === 0) return here;
    const inside = this.children.filter((child) => !child.owns(name));
    return [...here, ...inside.flatMap((child) => child.usersOf(name))].slice(0, SHOWN_USERS);
  }
}
