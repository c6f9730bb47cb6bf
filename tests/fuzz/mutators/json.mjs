const STRINGS = [
  '',
  '__proto__',
  'constructor',
  '../../../../../etc/passwd',
  '/etc/passwd',
  'a\u0000b',
  '\ud800',
  'F32',
].concat(['float32', 'int4', 'x'.repeat(5000), 'model.json', '..', '.', 'C:\\x', 'file:///etc/passwd', 'NaN']);
const NUMBERS = [0, -1, 1, 0.5, 1e308, -0, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 53 - 1, 2 ** 63, 1e21, 65536, 3];

/** Stands for nesting that JSON.stringify itself would not survive. */
const DEEP = '\u0001deep';

/** Text with one value of its tree replaced, removed, renamed or doubled; null where it is no JSON, or too deep. */
export function mutateJson(text, random) {
  if (/[[{]{200}|(?:\{"a":){200}/.test(text)) return null;
  let tree;
  try {
    tree = JSON.parse(text);
  } catch {
    return null;
  }
  const places = [];
  collect(tree, places);
  const place = random.pick(places);
  if (!place) return JSON.stringify(otherValue(random, tree));
  change(place, random);
  const depth = random.pick([1, 10, 1000, 50_000]);
  const changed = JSON.stringify(tree).replace(JSON.stringify(DEEP), () => nest(random.pick(['[', '{"a":']), depth));
  return spelled(changed, random);
}

function collect(node, places) {
  if (node === null || typeof node !== 'object') return;
  for (const key of Object.keys(node)) {
    places.push({ parent: node, key });
    collect(node[key], places);
  }
}

function change({ parent, key }, random) {
  const value = parent[key];
  switch (random.below(7)) {
    case 0:
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else delete parent[key];
      break;
    case 1:
      if (Array.isArray(parent)) parent.push(value);
      else parent[random.chance(0.5) ? `${key}2` : random.pick(STRINGS)] = value;
      break;
    case 2:
      parent[key] = DEEP;
      break;
    default:
      parent[key] = otherValue(random, value);
  }
}

function otherValue(random, value) {
  if (typeof value === 'number' && random.chance(0.7)) {
    return random.pick([value + 1, value - 1, value * 2, -value, ...NUMBERS]);
  }
  if (typeof value === 'string' && random.chance(0.7)) return random.pick([`${value}x`, value.slice(1), ...STRINGS]);
  return random.pick([null, true, {}, [], '', [null], { a: [] }, ...NUMBERS, ...STRINGS]);
}

function nest(opening, depth) {
  return `${opening.repeat(depth)}0${(opening === '[' ? ']' : '}').repeat(depth)}`;
}

/** What JSON.stringify cannot spell. */
function spelled(text, random) {
  switch (random.below(12)) {
    case 0:
      return text.replace(/:(\d+)/, () => `:${random.pick(['1e999', '-0', '1E2', '00', '0x10', '9'.repeat(400)])}`);
    case 1:
      return text.replace('{', '{"a":1,"a":2,');
    case 2:
      return `${text}${random.pick([' ', '\n', '\0', 'x', ',', '}'])}`;
    case 3:
      return text.slice(0, random.below(text.length));
    default:
      return text;
  }
}
