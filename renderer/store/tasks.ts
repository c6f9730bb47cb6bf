import { create } from 'zustand';
import type { Task } from '../contract.ts';

interface Tasks {
  readonly running: readonly Task[];
  /** Stops of the page's own work (uploads), by task id; the host's tasks are cancelled by the host. */
  readonly stops: Readonly<Record<string, () => void>>;
  put(task: Task, stop?: () => void): void;
  /** What the host has running; the page's own tasks stay. */
  replaceHostTasks(tasks: readonly Task[]): void;
}

export const useTasks = create<Tasks>()((set) => ({
  running: [],
  stops: {},
  put: (task, stop) =>
    set((state) => {
      const stops = stop ? { ...state.stops, [task.id]: stop } : state.stops;
      if (task.state !== 'running') {
        const { [task.id]: _, ...kept } = stops;
        return { stops: kept, running: state.running.filter((other) => other.id !== task.id) };
      }
      const known = state.running.some((other) => other.id === task.id);
      const running = known
        ? state.running.map((other) => (other.id === task.id ? task : other))
        : [...state.running, task];
      return { stops, running };
    }),
  replaceHostTasks: (tasks) =>
    set((state) => ({
      running: [
        ...tasks.filter((task) => task.state === 'running'),
        ...state.running.filter((task) => task.id in state.stops),
      ],
    })),
}));
