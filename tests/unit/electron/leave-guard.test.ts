import { describe, expect, it, vi } from 'vitest';
import { FileChangedError, SaveFailedError } from '../../../core/errors.ts';
import type { Document } from '../../../core/workspace/contract.ts';
import type { DocumentSummary, Task } from '../../../core/workspace/summary.ts';
import { LeaveGuard, type LeaveQuestions } from '../../../electron/main/leave/leave-guard.ts';
import { runningQuestion, unsavedQuestion } from '../../../electron/main/leave/wording.ts';
import { summaryOf } from '../api/fake-workspace.ts';

interface Setup {
  readonly documents?: readonly Document[];
  readonly tasks?: readonly Task[];
  readonly answers?: Partial<LeaveQuestions>;
}

function guardOf({ documents = [], tasks = [], answers = {} }: Setup) {
  const questions = {
    unsaved: vi.fn(answers.unsaved ?? (async () => 'save' as const)),
    running: vi.fn(answers.running ?? (async () => 'stop' as const)),
    overwrite: vi.fn(answers.overwrite ?? (async () => 'cancel' as const)),
    target: vi.fn(answers.target ?? (async () => null)),
    failed: vi.fn(async () => {}),
  };
  const guard = new LeaveGuard({ workspace: { documents: () => documents, tasks: () => tasks }, questions });
  return { guard, questions };
}

function documentOf(change: Partial<DocumentSummary>, save?: Document['save']) {
  const summary = { ...summaryOf('doc-1', 'a.safetensors'), dirty: true, ...change };
  const saved = { plan: 'patch', bytesWritten: 1, files: [] } as const;
  const calls = { save: vi.fn(save ?? (async () => saved)), saveAs: vi.fn(async (_path: string) => saved) };
  return { ...calls, document: { summary: () => summary, ...calls } as unknown as Document };
}

const TASK: Task = {
  id: 'task-1',
  title: 'Save a.safetensors',
  document: null,
  state: 'running',
  done: 50,
  total: 200,
  startedAt: 0,
  message: null,
};

describe('leaving', () => {
  it('asks nothing where nothing would be left behind', async () => {
    const { guard, questions } = guardOf({
      documents: [documentOf({ dirty: false }).document],
      tasks: [{ ...TASK, state: 'done' }],
    });
    expect(guard.idle).toBe(true);
    expect(await guard.mayLeave()).toBe(true);
    expect(questions.unsaved).not.toHaveBeenCalled();
    expect(questions.running).not.toHaveBeenCalled();
  });

  it('saves every document with edits, and none without', async () => {
    const documents = [documentOf({}), documentOf({ dirty: false }), documentOf({ id: 'doc-3', name: 'b.params' })];
    const { guard, questions } = guardOf({ documents: documents.map(({ document }) => document) });
    expect(guard.idle).toBe(false);
    expect(await guard.mayLeave()).toBe(true);
    expect(questions.unsaved).toHaveBeenCalledWith(['a.safetensors', 'b.params']);
    expect(documents.map(({ save }) => save.mock.calls.length)).toEqual([1, 0, 1]);
  });

  it.each([
    ['keep' as const, true],
    ['cancel' as const, false],
  ])('writes nothing where the answer is %s', async (answer, leaves) => {
    const { document, save } = documentOf({});
    const { guard } = guardOf({ documents: [document], answers: { unsaved: async () => answer } });
    expect(await guard.mayLeave()).toBe(leaves);
    expect(save).not.toHaveBeenCalled();
  });

  it('stays, and says why, where a save fails', async () => {
    const { document } = documentOf({}, async () => {
      throw new SaveFailedError('The disk is full.', {});
    });
    const { guard, questions } = guardOf({ documents: [document] });
    expect(await guard.mayLeave()).toBe(false);
    expect(questions.failed).toHaveBeenCalledWith('a.safetensors', 'The disk is full.');
  });

  it.each([
    ['cancelled', null, false, 0],
    ['chosen', '/w/new.safetensors', true, 1],
  ])('asks for a place where the document has none (%s)', async (_case, path, leaves, saves) => {
    const { document, saveAs } = documentOf({
      savable: false,
      name: 'm.safetensors.index.json',
      saveAsName: 'm.safetensors',
    });
    const { guard, questions } = guardOf({ documents: [document], answers: { target: async () => path } });
    expect(await guard.mayLeave()).toBe(leaves);
    expect(questions.target).toHaveBeenCalledWith('m.safetensors');
    expect(saveAs).toHaveBeenCalledTimes(saves);
  });

  it.each([
    ['overwrite' as const, true, [[{ overwriteChanged: true }]]],
    ['cancel' as const, false, []],
    ['elsewhere' as const, false, []],
  ])('asks before it writes over what another program wrote (%s)', async (answer, leaves, saves) => {
    const { document, save } = documentOf({ disk: 'changed' });
    const { guard } = guardOf({ documents: [document], answers: { overwrite: async () => answer } });
    expect(await guard.mayLeave()).toBe(leaves);
    expect(save.mock.calls).toEqual(saves);
  });

  it('asks so too where the change comes to light in the save itself', async () => {
    const state = { disk: 'same' as DocumentSummary['disk'] };
    const save = vi.fn<Document['save']>(async (options) => {
      if (options?.overwriteChanged) return { plan: 'patch', bytesWritten: 1, files: [] };
      state.disk = 'changed';
      throw new FileChangedError('It changed.');
    });
    const document = {
      summary: () => ({ ...summaryOf('doc-1', 'a.safetensors'), dirty: true, disk: state.disk }),
      save,
    } as unknown as Document;
    const { guard, questions } = guardOf({ documents: [document], answers: { overwrite: async () => 'overwrite' } });
    expect(await guard.mayLeave()).toBe(true);
    expect(questions.overwrite).toHaveBeenCalledOnce();
    expect(save).toHaveBeenLastCalledWith({ overwriteChanged: true });
  });

  it.each([
    ['stop' as const, true],
    ['cancel' as const, false],
  ])('asks before it stops tasks: %s', async (answer, leaves) => {
    const { guard, questions } = guardOf({ tasks: [TASK], answers: { running: async () => answer } });
    expect(guard.idle).toBe(false);
    expect(await guard.mayLeave()).toBe(leaves);
    expect(questions.running).toHaveBeenCalledWith([TASK]);
  });

  it('asks once however often the window is closed meanwhile', async () => {
    const { document } = documentOf({});
    const { guard, questions } = guardOf({ documents: [document], answers: { unsaved: async () => 'cancel' } });
    expect(await Promise.all([guard.mayLeave(), guard.mayLeave()])).toEqual([false, false]);
    expect(questions.unsaved).toHaveBeenCalledOnce();
    await guard.mayLeave();
    expect(questions.unsaved).toHaveBeenCalledTimes(2);
  });
});

describe('the words of the questions', () => {
  it('name one document in the question, and several below it', () => {
    expect(unsavedQuestion(['a.safetensors']).message).toBe('Save the edits of a.safetensors?');
    const many = unsavedQuestion(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    expect(many.message).toBe('Save the edits of 7 documents?');
    expect(many.detail).toMatch(/^a\nb\nc\nd\ne\nand 2 more\n\nEdits that you do not save are kept/);
  });

  it('tell how far tasks are, where that is known', () => {
    expect(runningQuestion([TASK, { ...TASK, title: 'Statistics', total: 0 }])).toMatchObject({
      message: '2 tasks are still running. Stop them?',
      detail: expect.stringContaining('Save a.safetensors (25 %)\nStatistics\n'),
    });
  });
});
