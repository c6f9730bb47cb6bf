/** Why a file cannot be written, by the code of the operating system's error. */
export const WRITE_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EISDIR: 'there is a folder of that name',
  ENOSPC: 'the disk is full',
  EDQUOT: 'your disk quota is used up',
  EFBIG: 'the file system holds no file of that size',
  EROFS: 'the file system is read-only',
  EACCES: 'you have no permission to write into the folder',
  EPERM: 'you have no permission to write into the folder',
  EIO: 'the disk reported an error',
  ENAMETOOLONG: 'the file name is too long',
  ESTALE: 'the network drive is gone',
};
