import type { FileSource } from '../byte-source.ts';
import { ParsedCheckpoint, type ParsedStructure } from '../parsed-checkpoint.ts';
import type { Manifest, ManifestGroup } from './manifest.ts';

/** What loads the weights: a graph by the names of its nodes, layers by names that they form, or nobody here. */
export type Topology = 'graph' | 'layers' | 'none';

/** A weight with its place among the bytes of its group. */
export interface StoredWeight {
  readonly name: string;
  /** TensorFlow.js's name of the dtype. */
  readonly dtype: string;
  readonly start: number;
  readonly nbytes: number;
}

export interface StoredGroup {
  /** Index of the group's first file in `Checkpoint.files`. */
  readonly firstFile: number;
  /** The sizes of its files. */
  readonly sizes: readonly number[];
  readonly weights: readonly StoredWeight[];
}

export class TfjsCheckpoint extends ParsedCheckpoint {
  /** The JSON that names the weights. */
  readonly model: FileSource;
  readonly topology: Topology;
  /** The names of a graph's nodes, those of its functions among them. */
  readonly nodes: ReadonlySet<string>;
  readonly groups: readonly StoredGroup[];
  /** Members of the JSON that are no texts. */
  readonly reserved: ReadonlySet<string>;
  /** The old form: a list of groups alone. */
  readonly isList: boolean;

  constructor(model: FileSource, manifest: Manifest, structure: ParsedStructure) {
    super(structure);
    this.model = model;
    const { others, groups } = manifest;
    this.topology = topologyOf(others.modelTopology);
    this.nodes = nodeNames([others.modelTopology, others.modelInitializer]);
    this.isList = manifest.isList;
    this.reserved = new Set([
      'weightsManifest',
      ...Object.keys(others).filter((key) => typeof others[key] !== 'string'),
    ]);
    this.groups = placedGroups(groups, structure);
  }
}

function placedGroups(
  groups: readonly ManifestGroup[],
  { sources, entries, others = [] }: ParsedStructure,
): StoredGroup[] {
  const sizes = new Map(entries.map(({ name, nbytes, stored }) => [name, stored?.nbytes ?? nbytes]));
  const strings = others.values();
  let firstFile = 0;
  return groups.map(({ paths, weights }) => {
    let start = 0;
    const placed = weights.map(({ name, dtype }) => {
      const nbytes = dtype === 'string' ? (strings.next().value?.nbytes ?? 0) : (sizes.get(name) ?? 0);
      start += nbytes;
      return { name, dtype, start: start - nbytes, nbytes };
    });
    const files = sources.slice(firstFile, firstFile + paths.length);
    firstFile += paths.length;
    return { firstFile: firstFile - paths.length, sizes: files.map(({ size }) => size), weights: placed };
  });
}

function topologyOf(topology: unknown): Topology {
  if (typeof topology !== 'object' || topology === null) return 'none';
  return 'node' in topology ? 'graph' : 'layers';
}

/** TensorFlow's GraphDef as JSON: nodes, and functions with nodes of their own. */
function nodeNames(graphs: readonly unknown[]): Set<string> {
  const names = new Set<string>();
  for (const graph of graphs) {
    const functions = listOf(memberOf(memberOf(graph, 'library'), 'function'));
    const lists = [memberOf(graph, 'node'), ...functions.map((body) => memberOf(body, 'nodeDef'))];
    for (const node of lists.flatMap(listOf)) {
      const name = memberOf(node, 'name');
      if (typeof name === 'string') names.add(name);
    }
  }
  return names;
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
