/* For grammars whose scanner says on stderr that memory is out, and exits: here that is a trap. */
#include <stdio.h>
#include <stdlib.h>
#define fprintf(...) 0
#define exit(status) abort()
