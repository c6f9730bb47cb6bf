/**
 * Writes THIRD_PARTY_NOTICES.md: every package that ships with Parascope (the production tree of
 * package-lock.json) with its version, licence and licence text. Run it after a dependency changes;
 * a test compares the list with the lock file.
 *
 *   node scripts/third-party-notices.mjs
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Packages that ship: in the lock file, not for development alone, present in this installation. */
function shippedPackages() {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(lock.packages)
    .filter(([path, entry]) => path !== '' && !entry.dev && !entry.devOptional && !entry.optional)
    .map(([path, { version, license }]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 13),
      path,
      version,
      license,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function licenceText(path) {
  const file = readdirSync(join(root, path)).find((name) => /^licen[cs]e/i.test(name));
  return file ? readFileSync(join(root, path, file), 'utf8').trim() : null;
}

const packages = shippedPackages();
const byText = new Map();
for (const { name, version, license, path } of packages) {
  const manifest = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'));
  const text = licenceText(path) ?? `Licence: ${license ?? manifest.license} (the package carries no licence file).`;
  byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${license ?? manifest.license})`]);
}

const sections = [...byText].map(
  ([text, names]) => `## ${names.join(', ')}\n\n\`\`\`text\n${text.replaceAll('```', "'''")}\n\`\`\`\n`,
);
writeFileSync(
  join(root, 'THIRD_PARTY_NOTICES.md'),
  `# Third-party notices\n\nParascope ships with the packages below. Written by scripts/third-party-notices.mjs.\n\n${sections.join('\n')}`,
);
