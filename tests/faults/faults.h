/* Compiled before the parser of JSON: its lexer then traps at a `!`, never comes back from a `~`, and allocates without end at a `^`. */

#include "tree_sitter/parser.h"

extern void *malloc(unsigned long);

static inline void cq_fault(int32_t character) {
  if (character == '!') __builtin_trap();
  volatile char *at;
  for (volatile int going = character == '~'; going;) {}
  while (character == '^') {
    at = malloc(1 << 20);
    *at = 1;
  }
}

#undef START_LEXER
#define START_LEXER()           \
  bool result = false;          \
  bool skip = false;            \
  UNUSED                        \
  bool eof = false;             \
  int32_t lookahead;            \
  goto start;                   \
  next_state:                   \
  lexer->advance(lexer, skip);  \
  start:                        \
  skip = false;                 \
  lookahead = lexer->lookahead; \
  cq_fault(lookahead);
