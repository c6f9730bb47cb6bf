import { expect, test } from 'vitest';
import { deserializeError, ERROR_CODES, NotInitializedError } from '../../core/errors.ts';

test.each(ERROR_CODES)('an error of code %s survives serialization with class, code and details', (code) => {
  const error = deserializeError({ code, message: 'm', details: { offset: 8 } });
  const again = deserializeError(JSON.parse(JSON.stringify(error)));
  expect(again).toBeInstanceOf(error.constructor);
  expect(again.toJSON()).toEqual({ code, message: 'm', details: { offset: 8 } });
});

test('a deferred Parameter is also one that is not initialized', () => {
  expect(deserializeError({ code: 'DEFERRED_INITIALIZATION', message: '', details: {} })).toBeInstanceOf(
    NotInitializedError,
  );
});
