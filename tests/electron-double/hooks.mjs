/** Node's module hooks: `electron` is the double. */
let double;

export function initialize({ url }) {
  double = url;
}

export function resolve(specifier, context, next) {
  return specifier === 'electron' ? { url: double, shortCircuit: true } : next(specifier, context);
}
