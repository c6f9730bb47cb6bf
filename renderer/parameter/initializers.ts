import type { InitializerName } from '../contract.ts';

/** An argument by MXNet's name: a number, or one of several words. */
export interface InitializerArgument {
  readonly name: string;
  readonly initial: number | string;
  readonly choices?: readonly string[];
}

export interface InitializerForm {
  readonly says: string;
  readonly arguments: readonly InitializerArgument[];
}

const FACTOR_TYPE: InitializerArgument = { name: 'factor_type', initial: 'avg', choices: ['avg', 'in', 'out'] };

/** The initializers with their arguments and MXNet's defaults; the host checks what is sent. */
export const INITIALIZERS: Readonly<Record<InitializerName, InitializerForm>> = {
  uniform: {
    says: 'Uniform between −scale and scale. Gluon’s default.',
    arguments: [{ name: 'scale', initial: 0.07 }],
  },
  normal: {
    says: 'Normal around 0 with standard deviation sigma.',
    arguments: [{ name: 'sigma', initial: 0.01 }],
  },
  xavier: {
    says: 'Scaled by the numbers of inputs and outputs (Glorot and Bengio 2010).',
    arguments: [
      { name: 'rnd_type', initial: 'uniform', choices: ['uniform', 'gaussian'] },
      FACTOR_TYPE,
      { name: 'magnitude', initial: 3 },
    ],
  },
  msraprelu: {
    says: 'For layers before a PReLU of this slope (He et al. 2015).',
    arguments: [FACTOR_TYPE, { name: 'slope', initial: 0.25 }],
  },
  orthogonal: {
    says: 'Rows, or columns, orthogonal to each other (Saxe et al. 2013).',
    arguments: [
      { name: 'scale', initial: '1.414' },
      { name: 'rand_type', initial: 'uniform', choices: ['uniform', 'normal'] },
    ],
  },
  zero: { says: 'All zeros.', arguments: [] },
  one: { says: 'All ones.', arguments: [] },
  constant: { says: 'One value everywhere.', arguments: [{ name: 'value', initial: 0 }] },
  bilinear: { says: 'The kernel of bilinear upsampling, for 4 dimensions.', arguments: [] },
  lstmbias: {
    says: 'Zeros, but for the forget gate’s quarter.',
    arguments: [{ name: 'forget_bias', initial: 1 }],
  },
};

/** What a form says of the arguments: those that are numbers as numbers. */
export function argumentsOf(
  { arguments: expected }: InitializerForm,
  textOf: (name: string) => string,
): Record<string, string | number> {
  return Object.fromEntries(
    expected.map(({ name, choices }) => {
      const text = textOf(name).trim();
      if (choices) return [name, text];
      const number = Number(text);
      if (text === '' || !Number.isFinite(number)) throw new Error(`${name} is a number, such as 0.5.`);
      return [name, number];
    }),
  );
}
