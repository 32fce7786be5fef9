// SPDX-License-Identifier: GPL-2.0-only

#include <linux/hash.h>
#include <linux/lockdep.h>

#include "dma-buf-check-private.h"

/**
 * DOC: What a place usually does
 *
 * Some rules cannot be seen to be broken in one case, because a driver may have
 * given up before it came to the access that the rule is about.  For these the
 * checker counts, for each place in the kernel or for each driver, how often it
 * kept to the rule and how often it did not.  Whoever has kept to it once knows
 * it, and is never reported.
 */

/* Return: the entry, which may be a new one, or NULL if the book is full. */
static struct dma_buf_check_entry *
dma_buf_check_book_find(struct dma_buf_check_book *book, u32 key)
{
	u32 start = hash_32(key, DMA_BUF_CHECK_BOOK_BITS);
	struct dma_buf_check_entry *entry;
	unsigned int i;

	lockdep_assert_held(&book->lock);

	for (i = 0; i < DMA_BUF_CHECK_BOOK_SIZE; i++) {
		entry = &book->entries[(start + i) % DMA_BUF_CHECK_BOOK_SIZE];
		if (!entry->key)
			entry->key = key;
		if (entry->key == key)
			return entry;
	}
	return NULL;
}

/**
 * dma_buf_check_book_note - count what a place or a driver has done
 * @book: of the rule
 * @key: the place or the driver; 0 if it is not known
 * @kept: it has kept to the rule this time
 *
 * Context: any context that does not hold the lock of the book.
 * Return: true if it never keeps to the rule, as far as one can tell.
 */
bool dma_buf_check_book_note(struct dma_buf_check_book *book, u32 key, bool kept)
{
	struct dma_buf_check_entry *entry;
	bool guilty = false;

	if (!key)
		return false;

	spin_lock(&book->lock);
	entry = dma_buf_check_book_find(book, key);
	if (entry && kept)
		entry->has_kept = true;
	else if (entry && !entry->has_kept)
		guilty = ++entry->broken > book->excused;
	spin_unlock(&book->lock);

	return guilty;
}
