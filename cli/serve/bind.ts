import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InvalidArgumentError } from '../../core/errors.ts';

export interface Address {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** Listens there and answers the port; throws `InvalidArgumentError` that says what to do. */
export function bind(server: Server, { host, port }: Address): Promise<number> {
  return new Promise((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => fail(bindError(error, { host, port })));
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      server.on('error', (error) => console.error(error));
      done((server.address() as AddressInfo).port);
    });
  });
}

function bindError(error: NodeJS.ErrnoException, { host, port }: Address): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new InvalidArgumentError(
        `Port ${port} of ${host} is in use. Choose another with --port, or none for a free one.`,
      );
    case 'EACCES':
      return new InvalidArgumentError(
        `Port ${port} of ${host} may not be used: permission denied. Choose one above 1023.`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new InvalidArgumentError(
        `${host} is not an address of this machine. Leave --host away for this machine alone.`,
      );
    default:
      return error;
  }
}

/** A wildcard address cannot be opened in a browser; its loopback can. */
export function printableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
