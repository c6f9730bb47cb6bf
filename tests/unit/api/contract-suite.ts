import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TRPCClient, TRPCClientError } from '@trpc/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AppRouter } from '../../../core/api/router.ts';
import type { FileRef, WorkspaceEvent } from '../../../core/api/types.ts';
import { eventually } from './eventually.ts';
import { createFakeWorkspace, type FakeWorkspace, HISTORY_LENGTH, summaryOf } from './fake-workspace.ts';

/** One transport, connected: a typed client, and the bare wire beside it. */
export interface Connection {
  readonly client: TRPCClient<AppRouter>;
  /** Puts a message on the wire of a page of its own, as it is. */
  send(message: unknown): void;
  /** A call and a stop in this transport's own words. */
  encodeCall(id: number, path: string, input: unknown): unknown;
  encodeStop(id: number): unknown;
  /** What came back on that wire. */
  readonly received: readonly unknown[];
  /** The page goes away without a word. */
  disconnect(): void;
  /** A file that the page may open. */
  readonly file: FileRef;
  close(): Promise<void>;
}

export type Connect = (workspace: FakeWorkspace, filePath: string) => Promise<Connection>;

/** What pages rely on, whatever carries their calls. */
export function contractSuite(transport: string, connect: Connect): void {
  describe(`the API over ${transport}`, () => {
    let folder: string;
    let workspace: FakeWorkspace;
    let connection: Connection;

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'parascope-contract-'));
      const path = join(folder, 'model.safetensors');
      await writeFile(path, 'x');
      workspace = createFakeWorkspace();
      connection = await connect(workspace, path);
    });
    afterEach(async () => {
      await connection.close();
      await rm(folder, { recursive: true, force: true });
    });

    it('answers a query', async () => {
      const info = await connection.client.app.info.query();
      expect(info).toMatchObject({ version: '1.2.3', colorMaps: ['diverging', 'sequential', 'gray'] });
    });

    it('performs a mutation and tells its result', async () => {
      const summary = await connection.client.documents.open.mutate({ file: connection.file });
      expect(summary).toEqual(summaryOf('doc-1', 'model.safetensors'));
      expect(workspace.opened.at(-1)?.path).toMatch(/\/model\.safetensors$/);
    });

    it('carries an error with its code, message and details', async () => {
      const failure = await connection.client.documents.history.query({ document: 'none' }).catch((error) => error);
      expect(failure).toBeInstanceOf(TRPCClientError);
      expect(failure.message).toBe('There is no document none.');
      expect(failure.data.parascope).toEqual({
        code: 'NOT_FOUND',
        message: 'There is no document none.',
        details: { document: 'none' },
      });
    });

    it('says of a malformed input what is wrong, and no more', async () => {
      const failure = await connection.client.documents.history
        .query({ document: 3 as unknown as string })
        .catch((error) => error);
      expect(failure.message).toMatch(/expected string, received number.*document/s);
      expect(JSON.stringify(failure.shape)).not.toContain('stack');
    });

    it('keeps the cause of an unforeseen failure to the host', async () => {
      vi.spyOn(console, 'error').mockImplementation(() => {});
      vi.spyOn(workspace, 'tasks').mockImplementation(() => {
        throw new Error('ENOENT: /home/someone/secret');
      });
      const failure = await connection.client.tasks.list.query().catch((error) => error);
      expect(failure.message).toMatch(/failed inside the host/);
      expect(JSON.stringify(failure.shape)).not.toContain('secret');
      vi.restoreAllMocks();
    });

    it('refuses a procedure that does not exist', async () => {
      connection.send(connection.encodeCall(1, 'documents.format', {}));
      await eventually(() => expect(JSON.stringify(connection.received)).toMatch(/No .*query.* on path/));
    });

    it('carries a large result whole', async () => {
      const { id } = await connection.client.documents.open.mutate({ file: connection.file });
      const history = await connection.client.documents.history.query({ document: id });
      expect(history).toHaveLength(HISTORY_LENGTH);
      expect(history.at(-1)?.label).toBe(`Set w[${HISTORY_LENGTH - 1}] = ${HISTORY_LENGTH - 1}`);
    });

    it('delivers every event of a subscription in order, until it is stopped', async () => {
      const seen: WorkspaceEvent[] = [];
      const subscription = connection.client.events.subscribe(undefined, { onData: (event) => seen.push(event) });
      await eventually(() => expect(workspace.listeners()).toBe(1));
      for (const document of ['a', 'b', 'c']) workspace.emit({ type: 'closed', document });
      await eventually(() => expect(seen).toHaveLength(3));
      expect(seen.map((event) => event.type === 'closed' && event.document)).toEqual(['a', 'b', 'c']);
      subscription.unsubscribe();
      await eventually(() => expect(workspace.listeners()).toBe(0));
    });

    it('aborts the work of a query that is stopped', async () => {
      const { id } = await connection.client.documents.open.mutate({ file: connection.file });
      const work = workspace.holdNextWork();
      connection.send(connection.encodeCall(7, 'tensors.stats', { document: id, tensor: 0 }));
      await work.started;
      connection.send(connection.encodeStop(7));
      await work.aborted;
    });

    it('aborts the work of a query whose caller gives it up', async () => {
      const { id } = await connection.client.documents.open.mutate({ file: connection.file });
      const work = workspace.holdNextWork();
      const controller = new AbortController();
      const query = connection.client.tensors.stats.query({ document: id, tensor: 0 }, { signal: controller.signal });
      const outcome = query.catch((error) => error);
      await work.started;
      controller.abort();
      await work.aborted;
      expect(await outcome).toBeInstanceOf(TRPCClientError);
    });

    it('aborts queries and subscriptions when the page goes away', async () => {
      const { id } = await connection.client.documents.open.mutate({ file: connection.file });
      const work = workspace.holdNextWork();
      connection.client.tensors.stats.query({ document: id, tensor: 0 }).catch(() => {});
      connection.client.events.subscribe(undefined, {});
      await work.started;
      await eventually(() => expect(workspace.listeners()).toBe(1));
      connection.disconnect();
      await work.aborted;
      await eventually(() => expect(workspace.listeners()).toBe(0));
    });

    it.each([
      ['null', null],
      ['a number', 5],
      ['an unknown kind', { id: 1, type: 'eval', method: 'eval', path: 'app.info' }],
      ['a negative number', { id: -1, type: 'query', method: 'query', path: 'app.info', params: { path: 'app.info' } }],
      ['no path', { id: 1, type: 'query', method: 'query', params: {} }],
    ])('rejects a malformed message: %s', async (_case, message) => {
      connection.send(message);
      await eventually(() => expect(JSON.stringify(connection.received)).toContain('PARSE_ERROR'));
      await expect(connection.client.tasks.list.query()).resolves.toEqual([]);
    });
  });
}
