/**
 * To the page of the GPU window, with its port and nothing else. Apart from the other channels: preloads in
 * a sandbox can share no file.
 */
export const GPU_PORT_CHANNEL = 'parascope:gpu-port';
