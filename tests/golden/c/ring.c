/* ring.c - a ring buffer of bytes
 *
 * Public domain.
 */
#include <stdlib.h>
#include <string.h>

#define RING_SIZE 4096
#define RING_MASK (RING_SIZE - 1)
#define MIN(a, b) ((a) < (b) ? (a) : (b))

enum ring_state {
	RING_OPEN,
	RING_CLOSED = 2,
};

/* What is kept of a ring. */
struct ring {
	unsigned char *data;
	size_t head, tail;
	void (*on_full)(struct ring *ring);
};

typedef struct ring ring_t;
typedef unsigned long ring_pos;
typedef struct {
	int fd;
	ring_t *ring;
} ring_file;
typedef int (*ring_visitor)(const unsigned char *byte, void *context);

static const char *const names[] = { "open", "closed" };
static int open_rings;
extern int ring_errno;

/* Defined below. */
static void grow(struct ring *ring, size_t size);

/**
 * Makes a ring, or returns NULL when there is no memory.
 */
struct ring *ring_new(size_t size)
{
	struct ring *ring = calloc(1, sizeof(*ring));
	if (!ring)
		return NULL;
	ring->data = malloc(size);
	if (!ring->data) {
		free(ring);
		return NULL;
	}
	open_rings++;
	return ring;
}

#ifdef RING_THREADS
/* Locks a ring. */
static inline int ring_lock(struct ring *ring)
{
	return pthread_mutex_lock(&ring->mutex);
}
#else
#define ring_lock(ring) ((void)0)
#endif

/* Writes as much as fits and returns how much that was. Bytes that do not fit are the caller's; the ring
 * is not grown, since a reader may hold a pointer into it. */
size_t ring_write(struct ring *ring, const void *bytes, size_t size)
{
	size_t room = RING_SIZE - (ring->head - ring->tail);
	size_t count = MIN(size, room);
	if (count < size && ring->on_full)
		ring->on_full(ring);
	for (size_t i = 0; i < count; i++)
		ring->data[(ring->head + i) & RING_MASK] = ((const unsigned char *)bytes)[i];
	ring->head += count;
	return count;
}

void ring_free(struct ring *ring) { free(ring->data); free(ring); }

int (*ring_handler(struct ring *ring))(int)
{
	return NULL;
}
