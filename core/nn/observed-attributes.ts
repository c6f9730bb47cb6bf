/** Called with an attribute and the value that it is about to take; throws to refuse it. */
export const ATTRIBUTE_ASSIGNED: unique symbol = Symbol('attribute assigned');

class AttributeHolder {
  [ATTRIBUTE_ASSIGNED](_name: string, _value: unknown): void {}
}

/**
 * Base of classes that have to know every attribute of their instances, those included that a subclass
 * assigns in its constructor or declares as a field: the `__setattr__` of Gluon's Block.
 */
export const ObservedAttributes = new Proxy(AttributeHolder, {
  construct: (type, args, newTarget) => observed(Reflect.construct(type, args, newTarget)),
});

function observed(holder: AttributeHolder): AttributeHolder {
  const observer: AttributeHolder = new Proxy(holder, {
    // Plain assignment ends here as well, by way of the receiver; a class field never reaches a `set` trap.
    defineProperty(target, key, descriptor) {
      if (typeof key === 'string' && 'value' in descriptor) observer[ATTRIBUTE_ASSIGNED](key, descriptor.value);
      return Reflect.defineProperty(target, key, descriptor);
    },
  });
  return observer;
}
