/* Rows whose key was known. */
#include "config.h"

#include "responder/committer_impl.h"

#include <string.h>

#include "base/crypto.h"

/* Its delivery id was another event's: from now on its body is part of the
 * key. */
static void
set_apart(struct ticket *t, const struct uuid *other)
{
	struct intake_key *k = &t->row.key;
	uint8_t both[2 * INTAKE_KEY_LEN];

	memcpy(both, k->hash, INTAKE_KEY_LEN);
	memcpy(both + INTAKE_KEY_LEN, k->body_hash, INTAKE_KEY_LEN);
	crypto_sha256(both, sizeof(both), k->hash);
	t->row.differs = true;
	t->row.differs_from = *other;
}

/* True if the ticket is to be sent once more. */
static bool
take_repeat(struct ticket *t, const struct intake_repeat *r)
{
	if (r->same_body) {
		t->duplicate = true;
		t->event_id = r->event_id;
		t->received_us = r->received_us;
		return false;
	}
	if (!t->strict) {
		set_apart(t, &r->event_id);
		return true;
	}
	t->err = err_set(&t->why, ERR_CONFLICT,
	    "this Idempotency-Key came before, with another body");
	return false;
}

/* In front of the queue; they are weighed already. */
static void
send_again(
    struct committer *c, struct ticket *first, struct ticket **tail, size_t n)
{
	pthread_mutex_lock(&c->lock);
	if (c->head == NULL)
		c->tail = tail;
	*tail = c->head;
	c->head = first;
	c->count += n;
	pthread_mutex_unlock(&c->lock);
}

/* Those of b whose key was known; those that go once more leave it. */
static void
take_repeats(struct committer *c, struct batch *b)
{
	struct ticket *first = NULL, **tail = &first;
	size_t kept = 0;

	for (size_t k = 0; k < c->receipt.repeat_count; k++) {
		const struct intake_repeat *r = &c->receipt.repeats[k];
		struct ticket *t = b->tickets[r->row];

		if (!take_repeat(t, r))
			continue;
		*tail = t;
		tail = &t->next;
		b->tickets[r->row] = NULL;
	}
	if (first == NULL)
		return;
	for (size_t i = 0; i < b->n; i++)
		if (b->tickets[i] != NULL)
			b->tickets[kept++] = b->tickets[i];
	send_again(c, first, tail, b->n - kept);
	b->n = kept;
}

void
committer_set_stored(struct committer *c, struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct ticket *t = b->tickets[i];

		t->err = ERR_OK;
		t->event_id = t->row.id;
		t->received_us = c->receipt.received_us;
	}
	if (c->receipt.repeat_count != 0)
		take_repeats(c, b);
}
