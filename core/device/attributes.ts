import { InvalidArgumentError } from '../errors.ts';
import type { Attributes, AttributeValue } from './protocol.ts';

/** Typed access to the attributes of an operator. Each throws InvalidArgumentError that names the attribute. */

export function numberOf(attributes: Attributes, name: string, missing?: number): number {
  const value = attributes[name] ?? missing;
  if (typeof value === 'number') return value;
  throw wrong(name, 'a number', value);
}

/** A number, or a bigint where the array has 64-bit integers. */
export function scalarOf(attributes: Attributes, name: string): number | bigint {
  const value = attributes[name];
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  throw wrong(name, 'a number', value);
}

export function booleanOf(attributes: Attributes, name: string, missing?: boolean): boolean {
  const value = attributes[name] ?? missing;
  if (typeof value === 'boolean') return value;
  throw wrong(name, 'true or false', value);
}

export function stringOf(attributes: Attributes, name: string, missing?: string): string {
  const value = attributes[name] ?? missing;
  if (typeof value === 'string') return value;
  throw wrong(name, 'a string', value);
}

export function integersOf(attributes: Attributes, name: string, missing?: readonly number[]): readonly number[] {
  const value = attributes[name] ?? missing;
  if (Array.isArray(value) && value.every((item): item is number => Number.isSafeInteger(item))) return value;
  throw wrong(name, 'a list of integers', value);
}

function wrong(name: string, expected: string, value: AttributeValue | undefined): InvalidArgumentError {
  const got = value === undefined || value === null ? 'nothing' : JSON.stringify(value, printBigInt);
  return new InvalidArgumentError(`The attribute ${name} must be ${expected}, got ${got}.`);
}

function printBigInt(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}
