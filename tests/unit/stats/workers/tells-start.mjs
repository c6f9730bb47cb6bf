/** A worker that does nothing but leave a file when it starts. */
import { writeFileSync } from 'node:fs';

writeFileSync(process.env.PARASCOPE_TEST_FLAG, '');
