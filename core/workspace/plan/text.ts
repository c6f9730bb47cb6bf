/** False for text with half of a surrogate pair, which UTF-8 cannot express and no header can hold. */
export function isEncodable(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
