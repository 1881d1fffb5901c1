/** A `.wasm` import is a compiled module in workerd and in bundlers for it. */
declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
