import { describe, expect, it, vi } from 'vitest';
import { OutsideFiles } from '../../../electron/main/outside-files.ts';

describe('files from outside', () => {
  it('wait for the window, then come as they come', () => {
    const outside = new OutsideFiles();
    const open = vi.fn();
    outside.offer(['/a']);
    outside.offer(['/b']);
    outside.openWith(open);
    outside.offer(['/c']);
    expect(open.mock.calls).toEqual([[['/a', '/b']], [['/c']]]);
  });

  it.each([
    ['nothing', undefined],
    ['no list', { files: '/etc/passwd' }],
    ['no paths', { files: [1] }],
    ['too many', { files: new Array(1_001).fill('/a') }],
    ['too long', { files: ['a'.repeat(32_768)] }],
  ])('of a second start are refused where it hands over %s', (_case, handover) => {
    const outside = new OutsideFiles();
    const open = vi.fn();
    outside.openWith(open);
    open.mockClear();
    expect(() => outside.offerHandover(handover)).toThrow();
    expect(open).not.toHaveBeenCalled();
    outside.offerHandover({ files: ['/a'] });
    expect(open).toHaveBeenCalledWith(['/a']);
  });
});
