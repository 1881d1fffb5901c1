/* For grammars whose generator turns clang's optimizer off, since its lexer is large: with it the compiler takes half as long, as the pass that follows is
   quadratic in what it is given, and the module parses three times as fast. Undefined, clang passes over GCC's twin of that pragma. */
#undef __clang__
