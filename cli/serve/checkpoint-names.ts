/** What a reader claims by its name; anything else can still be opened where its content is understood. */
const CHECKPOINT = /\.safetensors(?:\.index\.json)?$/i;

export function isCheckpointName(name: string): boolean {
  return CHECKPOINT.test(name);
}

/** The ending by which readers tell formats apart; empty for a name that has none of them. */
export function checkpointExtension(name: string): string {
  return CHECKPOINT.exec(name)?.[0].toLowerCase() ?? '';
}
