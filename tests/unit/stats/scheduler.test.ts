import { describe, expect, it } from 'vitest';
import { Job, type JobSpec, type Task } from '../../../core/stats/job.ts';
import { Scheduler } from '../../../core/stats/scheduler.ts';

function job(spec: Partial<JobSpec> = {}): Job {
  return new Job({ tensors: [], totalBytes: null, ...spec });
}

function task(of: Job, id: number): Task {
  const nothing = () => {};
  return { id, job: of, piece: { kind: 'hash' }, share: 1, resolve: nothing, reject: nothing, deaths: 0, reported: 0 };
}

function drain(scheduler: Scheduler): number[] {
  const order: number[] = [];
  for (let next = scheduler.next([]); next; next = scheduler.next([])) order.push(next.id);
  return order;
}

describe('the scheduler', () => {
  it('takes what is looked at before what runs in the background', () => {
    const scheduler = new Scheduler(1);
    const background = job({ priority: 'background' });
    scheduler.add(task(background, 1));
    scheduler.add(task(background, 2));
    scheduler.add(task(job(), 3));
    expect(drain(scheduler)).toEqual([3, 1, 2]);
  });

  it('takes equals in turn, each in its own order', () => {
    const scheduler = new Scheduler(1);
    const [a, b] = [job(), job({ priority: 'view' })];
    for (const id of [1, 2, 3]) scheduler.add(task(a, id));
    for (const id of [11, 12]) scheduler.add(task(b, id));
    expect(drain(scheduler)).toEqual([1, 11, 2, 12, 3]);
  });

  it('gives nothing that is not wanted, nor anything in its place', () => {
    const scheduler = new Scheduler(1);
    const [a, b] = [job(), job()];
    scheduler.add(task(a, 1));
    scheduler.add(task(b, 2));
    expect(scheduler.next([], ({ id }) => id === 2)).toBeUndefined();
    expect(drain(scheduler)).toEqual([1, 2]);
  });

  it('leaves a worker free of long work in the background', () => {
    const scheduler = new Scheduler(3);
    const hash = () => task(job({ priority: 'background', long: true }), 0);
    scheduler.add(hash());
    expect(scheduler.next([hash(), hash()])).toBeUndefined();
    expect(scheduler.next([hash()])).toBeDefined();
    const scan = task(job({ priority: 'background' }), 5);
    scheduler.add(scan);
    expect(scheduler.next([hash(), hash()])).toBe(scan);
  });

  it('gives what is to be done again first among its job', () => {
    const scheduler = new Scheduler(1);
    const only = job();
    scheduler.add(task(only, 2));
    scheduler.addAgain(task(only, 1));
    expect(drain(scheduler)).toEqual([1, 2]);
  });

  it('forgets what is dropped', () => {
    const scheduler = new Scheduler(1);
    const [a, b] = [job(), job({ priority: 'background' })];
    for (const id of [1, 2]) scheduler.add(task(a, id));
    scheduler.add(task(b, 3));
    expect(scheduler.drop(a).map(({ id }) => id)).toEqual([1, 2]);
    expect(drain(scheduler)).toEqual([3]);
  });
});

describe('the progress of a job', () => {
  it('never falls, not even where a piece starts again, and ends at the total', () => {
    const seen: number[] = [];
    const work = job({ totalBytes: 100, onProgress: (bytes) => seen.push(bytes) });
    const [first, second] = [task(work, 1), { ...task(work, 2), share: 0.5 }];
    work.advance(first, 40);
    work.takeBack(first);
    work.advance(first, 30);
    work.advance(first, 20);
    work.advance(second, 60);
    work.finish();
    expect(seen).toEqual([40, 50, 80, 100]);
  });
});
