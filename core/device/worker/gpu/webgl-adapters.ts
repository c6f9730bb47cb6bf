import { MAX_ARRAY_BYTES } from '../../array-limit.ts';
import { tf } from '../tensorflow.ts';
import { type Found, isSoftware, MEMORY_BUDGET } from './adapter.ts';
import { type Canvas, WebGlDevice } from './webgl-device.ts';

/** What is used of WebGL 2; the types of pages are not at hand in the core. */
interface Context {
  readonly MAX_TEXTURE_SIZE: number;
  readonly RENDERER: number;
  readonly VERSION: number;
  getParameter(name: number): unknown;
  getExtension(name: string): { readonly UNMASKED_RENDERER_WEBGL?: number; loseContext?(): void } | null;
}

type CanvasWithContext = Canvas & { getContext(type: 'webgl2'): Context | null };

/** WebGL's one way to a GPU, where this is a page and float32 textures can be rendered to. */
export async function findWebGlAdapter(): Promise<Found> {
  const make = canvasMaker();
  const context = make?.().getContext('webgl2') ?? null;
  if (!make || !context) return { adapters: [], reason: 'WebGL 2 is not offered here' };
  if (!context.getExtension('EXT_color_buffer_float')) {
    return { adapters: [], reason: 'WebGL cannot render to float32 textures' };
  }
  const unmasked = context.getExtension('WEBGL_debug_renderer_info')?.UNMASKED_RENDERER_WEBGL;
  const renderer = String(context.getParameter(unmasked ?? context.RENDERER));
  const version = String(context.getParameter(context.VERSION));
  const side = Number(context.getParameter(context.MAX_TEXTURE_SIZE));
  context.getExtension('WEBGL_lose_context')?.loseContext?.();
  const software = isSoftware(renderer);
  const memoryBudget = software ? MEMORY_BUDGET.software : MEMORY_BUDGET.hardware;
  const description = {
    backend: 'webgl',
    adapter: renderer,
    driver: `${version}, TensorFlow.js ${tf.version_core}`,
    software,
    limits: { maxTextureSize: side, maxArrayBytes: Math.min(4 * side * side, MAX_ARRAY_BYTES) },
    memory: memoryBudget,
    memoryBudget,
  } as const;
  return {
    adapters: [{ description, open: async (name, backendName) => new WebGlDevice(name, backendName, make()) }],
    reason: null,
  };
}

function canvasMaker(): (() => CanvasWithContext) | null {
  const { OffscreenCanvas } = globalThis as {
    OffscreenCanvas?: new (width: number, height: number) => CanvasWithContext;
  };
  return OffscreenCanvas ? () => new OffscreenCanvas(1, 1) : null;
}
