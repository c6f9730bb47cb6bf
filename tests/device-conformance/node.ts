import { openWebGpu } from '../../core/device/dawn.ts';

/** The suite in Node on Dawn: prints its report as JSON, last. */
const { isOpen, reason } = await openWebGpu();
if (!isOpen) throw new Error(reason);
// TensorFlow.js looks for WebGPU while it is loaded.
const { runConformance } = await import('./run.ts');
const report = await runConformance(process.argv[2]);
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
