import { create } from 'zustand';

export interface Notice {
  readonly id: number;
  readonly kind: 'error' | 'info';
  readonly message: string;
}

interface Notices {
  readonly notices: readonly Notice[];
  add(kind: Notice['kind'], message: string): void;
  dismiss(id: number): void;
}

const LIMIT = 5;
let lastId = 0;

export const useNotices = create<Notices>()((set) => ({
  notices: [],
  add: (kind, message) =>
    set((state) => ({
      notices: [...state.notices.filter((notice) => notice.message !== message), { id: ++lastId, kind, message }].slice(
        -LIMIT,
      ),
    })),
  dismiss: (id) => set((state) => ({ notices: state.notices.filter((notice) => notice.id !== id) })),
}));
