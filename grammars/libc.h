/* Included before each C file of a side module: what a whole C library declares, and the headers of tree-sitter-language do not.
   The grammars were written against the former. */

/* <wctype.h> brings wchar_t, <assert.h> static_assert: the scanner of C++. */
#include <wchar.h>
#define static_assert _Static_assert

/* The scanner of bash. The compiler knows what it does and calls nothing. */
int isdigit(int character);
