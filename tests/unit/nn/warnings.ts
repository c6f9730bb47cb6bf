import { type ParameterWarning, warnings } from '../../../core/warnings.ts';

/** What the channel says while `act` runs. */
export function heard(act: () => void): ParameterWarning[] {
  const messages: ParameterWarning[] = [];
  const unsubscribe = warnings.subscribe((warning) => messages.push(warning));
  try {
    act();
  } finally {
    unsubscribe();
  }
  return messages;
}
