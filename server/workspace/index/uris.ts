// URIs in one form, since editors and Node encode different characters.

const parts = /^([a-z][a-z0-9+.-]*:(?:\/\/[^/]*)?)(.*)$/is;

/** As VS Code writes it: all but letters, digits, `-._~` and slashes encoded, a drive's letter small. */
export function canonical(uri: string): string {
  const [, scheme, path] = parts.exec(uri) ?? [undefined, "", uri];
  return scheme.toLowerCase() + encode(decode(path));
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

const encode = (path: string) =>
  path
    .replace(/^\/[A-Z]:/, (drive) => drive.toLowerCase())
    .split("/")
    .map((part) =>
      encodeURIComponent(part).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`),
    )
    .join("/");

/** The path of `uri` in a folder, decoded, "" for the folder; undefined if it is not there. Both are canonical. */
export const pathIn = (folder: string, uri: string): string | undefined =>
  uri === folder || uri.startsWith(`${folder}/`) ? decode(uri.slice(folder.length + 1)) : undefined;

/** The URI of a path in a folder; both URIs are canonical. */
export const uriIn = (folder: string, path: string): string => `${folder}/${encode(path)}`;
