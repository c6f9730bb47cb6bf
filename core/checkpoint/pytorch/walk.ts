import type { ValueNode } from '../checkpoint.ts';
import { malformed } from '../pickle/fail.ts';
import type { PickleValue } from '../pickle/values.ts';
import { Turns } from '../turns.ts';
import { clippedText } from '../value-text.ts';
import { type Member, type Members, membersOf } from './members.ts';
import { isRandomState } from './numpy-values.ts';
import { pythonText } from './python-text.ts';
import type { TensorRebuilder } from './rebuild.ts';
import type { TensorValue } from './tensor.ts';
import { containerText, leafNode, tensorCount, tensorText } from './value-nodes.ts';

/** Modules within modules take three levels each; the deepest known to us has twelve modules. */
const MAX_DEPTH = 200;

/** What a page can show as a tree; the rest is counted. */
const MAX_NODES = 50_000;
const MAX_CHILDREN = 1000;

/**
 * A value that others share is looked at wherever it is found, so that tied modules show twice; a pickle
 * of a few bytes could share to the thousandth power. So many values are looked at again.
 */
const MAX_REPEATED = 500_000;

export interface FoundTensor {
  /** Keys from the root, joined by dots; empty for the root itself. */
  readonly name: string;
  readonly value: TensorValue;
  /** The value in the pickle, what holds it and under which key, for who writes the pickle anew. */
  readonly node: PickleValue;
  readonly holder: PickleValue;
  readonly key: string;
  /** Whether an object of some class is among those that hold it: its keys are attributes of code. */
  readonly inObject: boolean;
}

export interface Found {
  readonly tensors: readonly FoundTensor[];
  readonly values: readonly ValueNode[];
}

/** Finds the tensors of a pickle's value, by the path of keys that leads to them, and what lies beside them. */
export async function walkValue(root: PickleValue, rebuilder: TensorRebuilder, file: string): Promise<Found> {
  const walk = new Walk(rebuilder, file);
  const place = { name: '', depth: 0, holder: null, inObject: false };
  const { node, pure } = await new Turns().run(walk.visit({ key: '', value: root, named: false }, place));
  return { tensors: walk.tensors, values: node && !pure ? rootValues(node) : [] };
}

/** What a dict or list holds beside tensors; any other root as one value. */
function rootValues(node: ValueNode): readonly ValueNode[] {
  return node.kind === 'mapping' || node.kind === 'sequence' ? (node.children ?? []) : [node];
}

interface Place {
  /** Of what holds the value, as tensors in it are called. */
  readonly name: string;
  readonly depth: number;
  readonly holder: PickleValue;
  readonly inObject: boolean;
  /** Whether tensors that were found already are left out. */
  readonly onlyNew?: boolean;
}

interface Visit {
  /** Undefined for a tensor, which the checkpoint lists, and where the tree is full. */
  readonly node: ValueNode | undefined;
  /** Whether it holds tensors and nothing else. */
  readonly pure: boolean;
}

class Walk {
  readonly tensors: FoundTensor[] = [];
  readonly #rebuilder: TensorRebuilder;
  readonly #file: string;
  /** Containers between the root and here: a value among them is a cycle. */
  readonly #open = new Set<PickleValue>();
  readonly #found = new Set<TensorValue>();
  readonly #seen = new Set<PickleValue>();
  #repeated = 0;
  #nodes = 0;

  constructor(rebuilder: TensorRebuilder, file: string) {
    this.#rebuilder = rebuilder;
    this.#file = file;
  }

  *visit({ key, value, named, aside }: Member, { name, depth, ...place }: Place): Generator<void, Visit> {
    const path = named ? joined(name, key) : name;
    const tensor = this.#rebuilder.tensorOf(value);
    const onlyNew = aside === true || place.onlyNew === true;
    if (tensor && onlyNew && this.#found.has(tensor)) return { node: undefined, pure: true };
    if (tensor?.kind === 'valueless') return this.#leaf({ key, kind: 'tensor', text: tensorText(tensor) });
    if (tensor) {
      const { holder, inObject } = place;
      this.tensors.push({ name: path, value: tensor, node: value, holder, key, inObject });
      this.#found.add(tensor);
      return { node: undefined, pure: true };
    }
    const leaf = isRandomState(value) ? randomState(key, value) : leafNode(key, value);
    if (leaf) return this.#leaf(leaf);
    const members = membersOf(value);
    if (!members) return this.#leaf({ key, kind: 'object', text: clippedText(pythonText(value)) });
    if (this.#open.has(value)) return this.#leaf(headed(key, members, 'contains itself'));
    if (depth >= MAX_DEPTH) return this.#leaf(headed(key, members, 'nested too deeply to be read'));
    this.#countRepeated(value, members);
    this.#open.add(value);
    const visit = yield* this.#container(headed(key, members, containerText(value, members)), members.members, {
      name: path,
      depth: depth + 1,
      holder: value,
      inObject: place.inObject || members.kind === 'object',
      onlyNew,
    });
    this.#open.delete(value);
    return visit;
  }

  *#container(node: ValueNode, members: readonly Member[], place: Place): Generator<void, Visit> {
    const before = this.tensors.length;
    const children: ValueNode[] = [];
    let pure = members.length > 0;
    for (const member of members) {
      yield;
      const child = yield* this.visit(member, place);
      pure &&= child.pure;
      if (child.node && children.length < MAX_CHILDREN) children.push(child.node);
    }
    const found = this.tensors.length - before;
    if (pure && node.kind !== 'object') return { node: this.#kept({ ...node, text: tensorCount(found) }), pure };
    const text = found > 0 && node.kind !== 'object' ? `${node.text}, ${tensorCount(found)} among them` : node.text;
    return { node: this.#kept({ ...node, text, ...(children.length > 0 && { children }) }), pure: false };
  }

  #countRepeated(value: PickleValue, { members }: Members): void {
    if (this.#seen.has(value)) this.#repeated += 1 + members.length;
    this.#seen.add(value);
    if (this.#repeated > MAX_REPEATED) {
      const problem = `its values share values, which makes more than ${MAX_REPEATED} of them`;
      malformed({ name: this.#file, offset: 0 }, problem);
    }
  }

  #leaf(node: ValueNode): Visit {
    return { node: this.#kept(node), pure: false };
  }

  #kept(node: ValueNode): ValueNode | undefined {
    this.#nodes++;
    return this.#nodes > MAX_NODES ? undefined : node;
  }
}

function headed(key: string, { kind, type }: Members, text: string): ValueNode {
  return { key, kind, text, ...(type !== undefined && { type }) };
}

function randomState(key: string, value: PickleValue): ValueNode {
  return { key, kind: 'sequence', text: `the state of a random number generator: ${pythonText(value)}`.slice(0, 200) };
}

function joined(parent: string, key: string): string {
  return parent === '' ? key : `${parent}.${key}`;
}
