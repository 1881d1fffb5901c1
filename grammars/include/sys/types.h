/* What scanners want of it. */
#include <stddef.h>
typedef long ssize_t;
