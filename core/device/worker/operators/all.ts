/** Every family of kernels registers itself when it is loaded. */
import './fill.ts';
import './sparse.ts';
import './sparse-matrix.ts';
import './assign.ts';
import './bilinear.ts';
import './orthogonal.ts';
import './random.ts';
