/** The one call of the library that is used. */
declare module "@swc/wasm-typescript" {
  export function transformSync(
    text: string,
    options: { readonly mode: "strip-only" },
  ): { readonly code: string };
}
