/** Modules of which nothing belongs into a checkpoint: whatever is called there reaches beyond the process. */
const MODULES =
  /^(?:os|posix|nt|posixpath|subprocess|_posixsubprocess|pty|shutil|socket|ssl|http|urllib|urllib2|requests|ftplib|smtplib|webbrowser|ctypes|_ctypes|cffi|multiprocessing|threading|asyncio|signal|importlib|imp|pkgutil|runpy|zipimport|sys|code|codeop|pdb|bdb|trace|timeit|profile|cProfile|platform|tempfile|glob|fileinput|commands|popen2|inspect|linecache|types|gc|atexit|site|venv|pip|setuptools|distutils|pickle|_pickle|cPickle|dill|cloudpickle|joblib|marshal|shelve|sqlite3|winreg|idlelib|lib2to3|pydoc|doctest)$/;

/** Functions that run, import, open or reach into what they are given. */
const FUNCTIONS =
  /(?:^|\.)(?:(?:builtins|__builtin__|__builtins__)\.(?:eval|exec|execfile|compile|open|input|__import__|getattr|setattr|delattr|apply|breakpoint|globals|locals|vars|memoryview|file)|operator\.(?:attrgetter|methodcaller|itemgetter|call)|_operator\.(?:attrgetter|methodcaller|call)|functools\.(?:partial|reduce)|torch\.(?:load|hub\.\w+|jit\.(?:load|script)|package\.\w+|utils\.cpp_extension\.\w+|serialization\.load|_inductor\..*|fx\.graph_module\.\w+|_utils\._import_dotted_name)|numpy\.(?:load|testing\..*|f2py\..*|distutils\..*|fromfile|memmap)|pandas\.(?:read_\w+|eval))$/;

/** Whether calling the global would do more than make a value. Classes of other packages are unknown, not dangerous. */
export function isDangerous(qualifiedName: string): boolean {
  if (FUNCTIONS.test(qualifiedName)) return true;
  const parts = qualifiedName.split('.');
  const [root = ''] = parts;
  // `torch` may be asked for its attribute `os`.
  return MODULES.test(root) ? !isHarmless(qualifiedName) : parts.slice(1, -1).some((part) => REACHED.test(part));
}

const REACHED = /^(?:os|posix|subprocess|sys|builtins|shutil|socket|importlib|ctypes)$/;

/** Values of those modules that checkpoints do hold. */
const HARMLESS = new Set(['types.SimpleNamespace', 'types.NoneType']);

function isHarmless(qualifiedName: string): boolean {
  return HARMLESS.has(qualifiedName);
}
