/**
 * `text` with every match of the global `expression` replaced by `template`. An empty match right
 * behind another match does not count, as in Go's regexp: `.*` replaces a name once, not a second
 * time at its end.
 */
export function replaceMatches(text: string, expression: RegExp, template: string): string {
  let result = '';
  let end = 0;
  let matched = false;
  for (const match of text.matchAll(expression)) {
    if (match[0] === '' && matched && match.index === end) continue;
    result += text.slice(end, match.index) + expand(template, match);
    end = match.index + match[0].length;
    matched = true;
  }
  return result + text.slice(end);
}

const NUMBERED = /\$(?:(\$)|(&)|(\d{1,2}))/g;
/** Without named groups in the pattern, `$<` is text, as in JavaScript. */
const NAMED = /\$(?:(\$)|(&)|(\d{1,2})|<([^>]*)>)/g;

/** `$1`…`$99`, `$<name>`, `$&` and `$$` as in `String.prototype.replace`; a group that took no part is empty. */
function expand(template: string, match: RegExpExecArray): string {
  const { groups } = match;
  return template.replace(groups ? NAMED : NUMBERED, (token, dollar, whole, digits, name) => {
    if (dollar) return '$';
    if (whole) return match[0];
    if (digits) return numbered(digits, match) ?? token;
    return groups?.[name] ?? '';
  });
}

/** Two digits name a group only where there are that many; else the first digit does, and the second is text. */
function numbered(digits: string, match: RegExpExecArray): string | null {
  for (const length of [digits.length, 1]) {
    const group = Number(digits.slice(0, length));
    if (group >= 1 && group < match.length) return (match[group] ?? '') + digits.slice(length);
  }
  return null;
}
