import type { FormatReader } from '../format.ts';
import { MAX_HEADER, PREFIX } from './header.ts';
import { openSafetensors } from './reader.ts';
import { openSharded } from './sharded.ts';

export const safetensorsFormat: FormatReader = {
  format: 'safetensors',
  label: 'safetensors files',
  extensions: ['.safetensors'],
  recognizes: (head) => head.length > PREFIX && head.readBigUInt64LE(0) <= BigInt(MAX_HEADER) && head[PREFIX] === 0x7b,
  open: openSafetensors,
};

export const safetensorsIndexFormat: FormatReader = {
  format: 'safetensors-index',
  label: 'sharded safetensors',
  extensions: ['.safetensors.index.json', '.index.json'],
  recognizes: (head, name) =>
    /^\s*\{/.test(head.toString('latin1', 0, 64)) &&
    (head.includes('"weight_map"') || name.toLowerCase().endsWith('.index.json')),
  open: openSharded,
};
