/** A `.wasm` import is a compiled module here: wrangler compiles it when it deploys. */
declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
