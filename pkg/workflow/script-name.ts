/** File name without folders and extension; what runs in different keyspaces are compared by. */
export const scriptName = (url: string): string =>
  url.slice(url.lastIndexOf("/") + 1).replace(/\.[^.]*$/, "");
