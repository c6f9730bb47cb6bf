/** Every family of programs registers itself when it is loaded; what is not here runs by the kernels of the cpu. */
import './argmax.ts';
import './assign.ts';
import './binary.ts';
import './convolution.ts';
import './fill.ts';
import './indexing.ts';
import './kvstore.ts';
import './layout.ts';
import './linear-algebra.ts';
import './optimizer.ts';
import './pooling.ts';
import './reduction.ts';
import './unary.ts';
