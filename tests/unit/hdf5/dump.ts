/**
 * A Python program that prints all that h5py finds in a file, but for what is listed behind its path: groups with
 * their links, datasets with their storage and values, attributes with their types; references by what they name.
 */
export const DUMP = `
import sys, json, h5py, numpy as np
def plain(f, x):
    if isinstance(x, h5py.Reference): return f[x].name if x else None
    if isinstance(x, h5py.RegionReference): return [f[x].name, repr(h5py.h5r.get_region(x, f.id).get_select_bounds())]
    if isinstance(x, (np.ndarray, tuple, list, np.void)) and not (isinstance(x, np.void) and x.dtype.names is None):
        return [plain(f, y) for y in x]
    return repr(x)
def attributes(f, o):
    return {k: [str(o.attrs.get_id(k).dtype), str(o.attrs.get_id(k).shape), plain(f, o.attrs[k])] for k in o.attrs}
def dump(path, skipped):
    out = {}
    with h5py.File(path) as f:
        def dataset(d):
            known = [str(d.dtype), d.shape, d.chunks, d.compression, d.compression_opts, d.shuffle, d.fletcher32,
                d.scaleoffset, d.maxshape, repr(d.fillvalue), d.id.get_create_plist().get_layout()]
            try: values = plain(f, d[()])
            except OSError as error: values = 'unreadable'
            return known + [values, attributes(f, d)]
        def walk(group, path):
            links = {}
            for name in group:
                at = path + '/' + name
                link = group.get(name, getlink=True)
                if at in skipped: continue
                links[name] = [type(link).__name__, getattr(link, 'path', None), getattr(link, 'filename', None)]
                if not isinstance(link, h5py.HardLink): continue
                o = group[name]
                if isinstance(o, h5py.Group): walk(o, at)
                elif isinstance(o, h5py.Dataset): out[at] = dataset(o)
                else: out[at] = [str(o.dtype), attributes(f, o)]
            out[path + '/'] = [list(links.items()), attributes(f, group)]
        walk(f, '')
    return out
print(json.dumps(dump(sys.argv[1], set(sys.argv[2:]))))
`;
