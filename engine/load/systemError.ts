// The operating system's errors in words.

import { getSystemErrorMap } from "node:util";

const reasons: Record<string, string> = {
  EACCES: "permission is denied",
  EBUSY: "another program is using it",
  EDQUOT: "the disk quota is used up",
  EEXIST: "something else is there already",
  EFBIG: "it would be larger than a file may be",
  EIO: "the disk reports an error",
  EISDIR: "it is a folder",
  ELOOP: "its links lead round in a circle",
  EMFILE: "too many files are open",
  ENAMETOOLONG: "its name is too long",
  ENFILE: "too many files are open",
  ENOENT: "its folder does not exist",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of its path is not a folder",
  EPERM: "permission is denied",
  EROFS: "the disk is read-only",
  ERR_INVALID_ARG_VALUE: "its name holds a character that no file's name may hold",
};

/** The reason of an error, as the end of a sentence. */
export function reasonOf({ code, errno, message }: NodeJS.ErrnoException): string {
  const [, described] = getSystemErrorMap().get(errno ?? 0) ?? [];
  return reasons[code ?? ""] ?? described ?? message;
}
