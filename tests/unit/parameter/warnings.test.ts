import { expect, test, vi } from 'vitest';
import { warnings } from '../../../core/warnings.ts';

test('a warning that nobody listens for goes to stderr once', () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  warnings.emit('UserWarning', 'said twice');
  warnings.emit('UserWarning', 'said twice');
  expect(write.mock.calls).toEqual([['UserWarning: said twice\n']]);
  write.mockRestore();
});

test('listeners hear every warning until they stop', () => {
  const heard: string[] = [];
  const stop = warnings.subscribe(({ category, message }) => heard.push(`${category}: ${message}`));
  warnings.emit('DeprecationWarning', 'a');
  warnings.emit('DeprecationWarning', 'a');
  stop();
  expect(heard).toEqual(['DeprecationWarning: a', 'DeprecationWarning: a']);
});
