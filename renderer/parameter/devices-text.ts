/** `cpu(0), cpu(1)`, also with spaces or semicolons between, as the names the host knows. */
export function parseDevices(text: string): string[] {
  const names = text.split(/[\s,;]+/).filter((name) => name !== '');
  if (names.length === 0) throw new Error('Name at least one device, such as cpu(0).');
  return names;
}

export function devicesText(devices: readonly string[]): string {
  return devices.join(', ');
}
