import { itemsOf, type JsonText, memberOf, placesInJson, type Replacement, removals, replaced } from './json-text.ts';

/** What becomes of a weight that the manifest lists. */
export interface WeightEdit {
  readonly name: string;
  /** TensorFlow.js's name of a dtype. */
  readonly dtype: string;
  /** Null where it stays. */
  readonly shape: readonly number[] | null;
  /** Stored as its dtype says, no longer quantized. */
  readonly plain: boolean;
}

export interface ModelEdit {
  /** By group and place in it; null for a weight that is deleted, undefined for one that stays as it is. */
  weight(group: number, index: number): WeightEdit | null | undefined;
  /** Whether a file of a group holds nothing any more. */
  isEmptied(group: number, path: number): boolean;
  /** New names of nodes of the graph by their former names. */
  readonly renamed: ReadonlyMap<string, string>;
  /** Texts of the model's description: null for one that goes. */
  readonly metadata: ReadonlyMap<string, string | null>;
}

/** The text of a `model.json` after an edit: what changes is replaced, all else stays byte for byte. */
export function editModel(text: string, edit: ModelEdit): string {
  const root = placesInJson(text);
  const manifest = root.kind === 'array' ? root : memberOf(root, 'weightsManifest');
  const changes = itemsOf(manifest).flatMap((group, index) => groupChanges(group, index, edit));
  if (edit.renamed.size > 0) changes.push(...graphChanges(root, edit.renamed));
  if (edit.metadata.size > 0) changes.push(...metadataChanges(root, edit.metadata));
  return replaced(text, changes);
}

function groupChanges(group: JsonText, index: number, edit: ModelEdit): Replacement[] {
  const paths = memberOf(group, 'paths');
  const weights = memberOf(group, 'weights');
  const changes: Replacement[] = [];
  if (paths) changes.push(...removals(paths, itemsOf(paths), (i) => edit.isEmptied(index, i)));
  if (weights) changes.push(...removals(weights, itemsOf(weights), (i) => edit.weight(index, i) === null));
  for (const [i, weight] of itemsOf(weights).entries()) {
    const change = edit.weight(index, i);
    if (change) changes.push(...weightChanges(weight, change));
  }
  return changes;
}

function weightChanges(weight: JsonText, { name, dtype, shape, plain }: WeightEdit): Replacement[] {
  const changes = [
    ...stringChange(memberOf(weight, 'name'), name),
    ...stringChange(memberOf(weight, 'dtype'), dtype),
    ...shapeChange(memberOf(weight, 'shape'), shape),
  ];
  if (plain && weight.kind === 'object') {
    changes.push(...removals(weight, weight.members, (i) => weight.members[i]?.key === 'quantization'));
  }
  return changes;
}

function stringChange(node: JsonText | undefined, value: string): Replacement[] {
  if (node?.kind !== 'string' || node.value === value) return [];
  return [{ start: node.start, end: node.end, text: JSON.stringify(value) }];
}

function shapeChange(node: JsonText | undefined, shape: readonly number[] | null): Replacement[] {
  if (node?.kind !== 'array' || shape === null) return [];
  return [{ start: node.start, end: node.end, text: JSON.stringify(shape) }];
}

/** Names of nodes, their inputs (`name`, `name:0`, `^name`), and the tensors that signatures name. */
function graphChanges(root: JsonText, renamed: ReadonlyMap<string, string>): Replacement[] {
  const changes: Replacement[] = [];
  for (const key of ['modelTopology', 'modelInitializer']) {
    const graph = memberOf(root, key);
    const functions = itemsOf(memberOf(memberOf(graph, 'library'), 'function'));
    const lists = [memberOf(graph, 'node'), ...functions.map((body) => memberOf(body, 'nodeDef'))];
    for (const node of lists.flatMap(itemsOf)) changes.push(...nodeChanges(node, renamed));
  }
  for (const holder of [root, memberOf(root, 'userDefinedMetadata')]) {
    const signature = memberOf(holder, 'signature');
    for (const side of ['inputs', 'outputs']) {
      const tensors = memberOf(signature, side);
      const infos = tensors?.kind === 'object' ? tensors.members.map(({ value }) => memberOf(value, 'name')) : [];
      for (const name of infos) changes.push(...referenceChange(name, renamed));
    }
  }
  return changes;
}

function nodeChanges(node: JsonText, renamed: ReadonlyMap<string, string>): Replacement[] {
  const references = [memberOf(node, 'name'), ...itemsOf(memberOf(node, 'input'))];
  return references.flatMap((reference) => referenceChange(reference, renamed));
}

function referenceChange(node: JsonText | undefined, renamed: ReadonlyMap<string, string>): Replacement[] {
  if (node?.kind !== 'string') return [];
  const [, mark = '', name = '', output = ''] = /^(\^?)([^:]*)(.*)$/s.exec(node.value) ?? [];
  const next = renamed.get(name);
  return next === undefined ? [] : stringChange(node, mark + next + output);
}

function metadataChanges(root: JsonText, metadata: ReadonlyMap<string, string | null>): Replacement[] {
  if (root.kind !== 'object') return [];
  const present = new Set(root.members.map(({ key }) => key));
  const changes = removals(root, root.members, (i) => metadata.get(root.members[i]?.key ?? '') === null);
  const added: string[] = [];
  for (const [key, value] of metadata) {
    if (value === null) continue;
    if (present.has(key)) changes.push(...stringChange(memberOf(root, key), value));
    else added.push(`${JSON.stringify(key)}: ${JSON.stringify(value)}, `);
  }
  if (added.length > 0) changes.push({ start: root.start + 1, end: root.start + 1, text: added.join('') });
  return changes;
}
