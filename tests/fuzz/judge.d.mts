/** What is wrong with how something failed, as a sentence; null where it failed as it should. */
export function faultOf(stage: 'open' | 'read' | 'document' | 'save', error: unknown): string | null;
