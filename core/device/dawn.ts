/** What npm's `webgpu` exports: Dawn's implementation of WebGPU for Node. */
interface Dawn {
  create(options: readonly string[]): object;
  readonly globals: Readonly<Record<string, unknown>>;
}

export interface WebGpuAccess {
  readonly isOpen: boolean;
  /** Why WebGPU is not there; empty where it is. */
  readonly reason: string;
}

/** Gives this process `navigator.gpu` and WebGPU's constants, as a browser would have them. */
export async function openWebGpu(): Promise<WebGpuAccess> {
  const found = await loadDawn();
  if (typeof found === 'string') return { isOpen: false, reason: found };
  Object.assign(globalThis, found.globals);
  const gpu = found.create([]);
  // Node has a navigator since 21, without WebGPU.
  const { navigator = {} } = globalThis as { readonly navigator?: object };
  Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  return { isOpen: true, reason: '' };
}

/** Dawn, or why it cannot be loaded. */
async function loadDawn(): Promise<Dawn | string> {
  const name = 'webgpu';
  try {
    return (await import(name)) as Dawn;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') {
      return 'the optional package webgpu is not installed; npm install webgpu adds it.';
    }
    return `the package webgpu cannot be loaded: ${error instanceof Error ? firstLine(error) : String(error)}.`;
  }
}

function firstLine({ message }: Error): string {
  return message.split('\n')[0]?.replace(/\.$/, '') ?? message;
}
