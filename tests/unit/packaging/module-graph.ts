import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, resolve } from 'node:path';

export interface ModuleGraph {
  /** Absolute paths of all modules that are reached. */
  readonly files: ReadonlySet<string>;
  /** Packages by name, with one module that imports each. */
  readonly packages: ReadonlyMap<string, string>;
  /** `MODULE -> IMPORT` of what is not there. */
  readonly missing: readonly string[];
}

const IMPORTS = [
  /^\s*(?:import|export)\s[^'"]*?from\s*['"]([^'"]+)['"]/gm,
  /^\s*import\s*['"]([^'"]+)['"]/gm,
  /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g,
  /new URL\(\s*['"](\.[^'"]+\.(?:js|wasm))['"],\s*import\.meta\.url\s*\)/g,
];

/** What `entry` and all that it imports or starts as a worker needs; packages are not looked into. */
export function moduleGraph(entry: string): ModuleGraph {
  const files = new Set<string>();
  const packages = new Map<string, string>();
  const missing: string[] = [];
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue;
    if (!existsSync(file)) {
      missing.push(file);
      continue;
    }
    files.add(file);
    if (!file.endsWith('.js')) continue;
    for (const id of importsOf(file)) {
      if (id.startsWith('.')) waiting.push(resolve(dirname(file), id));
      else if (!isBuiltin(id) && id !== 'electron') packages.set(packageOf(id), file);
    }
  }
  return { files, packages, missing };
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8').replace(/^\s*(?:\*|\/\/|\/\*).*$/gm, '');
  return IMPORTS.flatMap((pattern) => [...text.matchAll(pattern)].map(([, id = '']) => id));
}

function packageOf(id: string): string {
  const [scope = '', name = ''] = id.split('/');
  return scope.startsWith('@') ? join(scope, name) : scope;
}
