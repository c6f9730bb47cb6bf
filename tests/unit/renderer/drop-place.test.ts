import { expect, test } from 'vitest';
import { dropPlace, TENSORS_TYPE } from '../../../renderer/app/drop-place.ts';

const dragged = { document: 'a', ids: [1] };
const hovering = { types: ['Files'], over: null, dragged: null, desktop: false };

test.each([
  ['a file on the window', {}, { kind: 'open' }],
  ['a file on a document', { over: 'a' }, { kind: 'onto-document', document: 'a' }],
  ['text', { types: ['text/plain'], over: 'a' }, null],
  [
    'tensors of a on b, in a browser',
    { types: [TENSORS_TYPE], over: 'b', dragged },
    { kind: 'tensors', document: 'b' },
  ],
  ['tensors of a on b, on the desktop', { over: 'b', dragged, desktop: true }, { kind: 'tensors', document: 'b' }],
  ['tensors on their own document', { types: [TENSORS_TYPE], over: 'a', dragged }, null],
  ['tensors that left the desktop window as a file, on itself', { over: 'a', dragged, desktop: true }, null],
  ['tensors outside of every document', { types: [TENSORS_TYPE], dragged }, null],
  [
    'a file in a browser after a drag that never ended',
    { over: 'b', dragged },
    { kind: 'onto-document', document: 'b' },
  ],
] as const)('%s', (_name, change, expected) => {
  expect(dropPlace({ ...hovering, ...change })).toEqual(expected);
});
