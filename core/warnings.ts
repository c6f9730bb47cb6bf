/** MXNet's UserWarning and DeprecationWarning: something worked, but not as the caller may think. */
export type WarningCategory = 'UserWarning' | 'DeprecationWarning';

export interface ParameterWarning {
  readonly category: WarningCategory;
  readonly message: string;
}

type Listener = (warning: ParameterWarning) => void;

/** The one channel of warnings. Where nobody listens, each message goes to stderr once. */
class WarningChannel {
  readonly #listeners = new Set<Listener>();
  readonly #printed = new Set<string>();

  /** Returns the function that ends the subscription. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(category: WarningCategory, message: string): void {
    for (const listener of this.#listeners) listener({ category, message });
    if (this.#listeners.size > 0 || this.#printed.has(message)) return;
    this.#printed.add(message);
    process.stderr.write(`${category}: ${message}\n`);
  }
}

export const warnings = new WarningChannel();
