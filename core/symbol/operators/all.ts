/** Every family of operators registers itself when it is loaded. */
import './binary.ts';
import './convolution.ts';
import './indexing.ts';
import './layout.ts';
import './linear.ts';
import './loss.ts';
import './normalization.ts';
import './reduction.ts';
import './softmax.ts';
import './storage.ts';
import './unary.ts';
