import { InvalidArgumentError } from '../core/errors.ts';

export const EXIT = { done: 0, different: 1, nothingFound: 1, usage: 2, unreadable: 3, failed: 4 } as const;

/** The command line itself is wrong; exit status 2. */
export class UsageError extends InvalidArgumentError {}

export const HELP = `Parascope looks into neural-network checkpoints and edits them.

Usage: parascope COMMAND …

  inspect FILE [--all]            what the file holds: a summary and its first 100 tensors
  hash FILE                       SHA-256 of every tensor's elements
  stats FILE [--tensor NAME]…     count, min, max, mean, std, norms, zeros, NaNs, Infs, quantiles, histogram
      --bins N                    --axis linear|log|symlog    --range full|robust|LOW,HIGH
      --threshold X               up to which a symlog axis is linear
      --quantiles 0.1,0.5         --exact, by reading wide dtypes a few times
      --norms rows|columns        of the first axis against all others
      --no-cache                  reads again what earlier runs remember
  spectrum FILE NAME [SLICE]      singular values, effective rank, …; SLICE picks a matrix: 0,:,:
      --count N --seed N
  values FILE NAME [SLICE]        elements of a tensor; SLICE as NumPy's, such as 0:4,-1
  find FILE… 'QUERY' [--no-cache] tensors by name, dtype, shape and statistics; status 1 if there is none:
                                  'q_proj dtype:bf16,f16 shape:4096x* size>100MB nans>0 -std<1e-6'
  diff A B [--tolerance ABS] [--rtol R]
                                  tensors added, removed, renamed and changed from A to B; status 1 if any
                                  differs by more than ABS + R·|a|; metadata is told, but is no difference
  edit IN (-o OUT | --in-place) OPS…
      --rename OLD=NEW            or --rename '/PATTERN/=REPLACEMENT' with $1 for groups
      --delete GLOB               --keep GLOB
      --cast GLOB=DTYPE           --fill GLOB=VALUE           --scale GLOB=FACTOR
      --set 'NAME[SLICE]=VALUE'   one value for the slice, or one per element, by commas
      --copy NAME=FILE:NAME       a tensor of another file (=:NAME of this one), replacing NAME
      --init 'GLOB=xavier(magnitude=2, seed=7)'       any initializer with its arguments
      --compute 'GLOB=x*0.5 + "{name}_ema"'           elementwise, NumPy's broadcasting; with
                                  '…+b; b=FILE:{name}' of other files
      --reshape NAME=4,-1         --transpose NAME[=1,0]      --slice '[NEW=]NAME[SLICE]'
      --concatenate NEW=AXIS:NAME,NAME…               --split NAME=AXIS:NEW:SIZE,NEW:SIZE…
      --tie NAME=NAME,NAME…       the others become the first, and one value with it
      --untie GLOB                tied tensors get elements of their own
      --metadata KEY=VALUE        --delete-metadata KEY
      --select 'QUERY'            the GLOBs behind it are of what find finds, until --select '*'
      --script FILE               the edits that History exports, as JSON
                                  in the order given; nothing is written unless all succeed
      --apart                     of tied weights only those that are named change
      --dry-run                   says what would be written, and writes nothing
  convert IN OUT [--to FORMAT]    to the format of OUT's extension (safetensors, npz, pt, params, …)
          [--dry-run]
  serve [FILE…] [--root DIR]… [--host 127.0.0.1] [--port 0] [--open] [--logical-gpus N]
                                  the window in a browser; prints the URL once it listens
  devices [--logical-gpus N]      where Parameters can hold copies; each GPU as N logical devices

  --json       one JSON document on stdout, errors as JSON on stderr
  --threads N  of stats, find, spectrum, hash, diff, edit and convert; by default one per processor, at most 4
  --version    --help

Exit status: 0 done, 1 differences found, or nothing, 2 wrong usage, 3 unreadable, corrupt or unsafe input,
4 the operation failed.
`;
