import { create } from 'zustand';

/** `refused`: a server answers, but no longer takes the token that this page was opened with. */
export type ConnectionState = 'connecting' | 'open' | 'lost' | 'refused';

interface Connection {
  readonly state: ConnectionState;
  /** Rises with every connection made: what was learnt before may be out of date. */
  readonly epoch: number;
  set(state: ConnectionState): void;
}

export const useConnection = create<Connection>()((set) => ({
  state: window.parascope ? 'open' : 'connecting',
  epoch: window.parascope ? 1 : 0,
  set: (state) => set((known) => ({ state, epoch: state === 'open' ? known.epoch + 1 : known.epoch })),
}));
