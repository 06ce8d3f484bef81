/**
 * `import(url)`. The build takes the `import` of the entry instead (scripts/build.mjs): code that V8 made of kept bytecode cannot import by
 * itself.
 */
export const importModule = (url: string): Promise<unknown> => import(/* @vite-ignore */ url);
