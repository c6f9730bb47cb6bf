import { readFileSync } from 'node:fs';
import { faceOf, refusing } from '../refusal.ts';

const PNG_SIGNATURE = '\x89PNG\r\n\x1a\n';

/** PNG and JPEG bytes with their size; anything else is empty, as Electron's are. */
export class NativeImage {
  private readonly bytes: Buffer;
  private readonly size: { readonly width: number; readonly height: number };

  constructor(bytes: Buffer) {
    const isPng = bytes.toString('latin1', 0, 8) === PNG_SIGNATURE;
    this.bytes = isPng ? bytes : Buffer.alloc(0);
    this.size = isPng ? { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) } : { width: 0, height: 0 };
  }

  isEmpty(): boolean {
    return this.bytes.byteLength === 0;
  }

  getSize(): { readonly width: number; readonly height: number } {
    return this.size;
  }

  toPNG(): Buffer {
    return this.bytes;
  }

  /** The pixels stay; nothing here draws them. */
  resize(_options: { readonly width?: number; readonly height?: number; readonly quality?: string }): NativeImage {
    return imageOf(this.bytes);
  }

  setTemplateImage(_template: boolean): void {}
}

const imageOf = (bytes: Buffer): NativeImage => faceOf('NativeImage', new NativeImage(bytes));

export const nativeImage = refusing('nativeImage', {
  createEmpty: () => imageOf(Buffer.alloc(0)),
  createFromBuffer: (bytes: Buffer) => imageOf(bytes),
  createFromDataURL: (url: string) => imageOf(Buffer.from(url.slice(url.indexOf(',') + 1), 'base64')),
  createFromPath: (path: string) => {
    try {
      return imageOf(readFileSync(path));
    } catch {
      return imageOf(Buffer.alloc(0));
    }
  },
});
