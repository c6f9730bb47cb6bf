/** Every family of kernels registers itself when it is loaded. */
import './fill.ts';
import './sparse.ts';
import './sparse-matrix.ts';
import './assign.ts';
import './bilinear.ts';
import './orthogonal.ts';
import './random.ts';
import './binary.ts';
import './unary.ts';
import './reduction.ts';
import './layout.ts';
import './linear-algebra.ts';
import './indexing.ts';
import './convolution.ts';
import './pooling.ts';
import './kvstore.ts';
import './optimizer.ts';
