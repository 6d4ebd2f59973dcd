#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/ctl.h"
#include "ctl/seal.h"
#include "store/sealed.h"

#define PROGRESS_MS 1000

/* A key, of the file or not, and whether anything needs it. */
struct key_use {
	char id[CRYPTO_KEY_ID_MAX + 1];
	bool used;
	bool in_file;
};

#define USES_MAX (2 * CRYPTO_KEYS_MAX)

struct uses {
	struct key_use keys[USES_MAX];
	size_t count;
	const char *current;
};

static void
cannot_open(const char *what, const char *why)
{
	fprintf(stderr, "ewactl: %s can't be opened: %s\n", what, why);
}

static struct key_use *
use_of(struct uses *u, const char *id)
{
	for (size_t n = 0; n < u->count; n++)
		if (strcmp(u->keys[n].id, id) == 0)
			return &u->keys[n];
	if (u->count == USES_MAX || strlen(id) > CRYPTO_KEY_ID_MAX)
		return NULL;
	snprintf(u->keys[u->count].id, sizeof(u->keys[u->count].id), "%s", id);
	return &u->keys[u->count++];
}

static void
take_use(void *arg, const char *key_id, const char *what, int64_t count)
{
	struct uses *u = arg;
	struct key_use *k = use_of(u, key_id);

	printf("  %s: %" PRId64 " %s%s\n", key_id, count, what,
	    count == 1 ? "" : "s");
	if (k != NULL)
		k->used = true;
}

static void
say_keys(const struct ctl *c, const struct uses *u)
{
	for (size_t n = 0; n < u->count; n++) {
		const struct key_use *k = &u->keys[n];

		if (strcmp(k->id, u->current) == 0)
			continue;
		if (!k->in_file)
			printf("The key %s is used, but it is not in %s.\n",
			    k->id, c->settings.key_file);
		else if (k->used)
			printf("The key %s is still used.  Tokens can't be "
			       "made anew from what is stored: give\nnew ones "
			       "(integration token), then run this again.\n",
			    k->id);
		else
			printf("The key %s is not used any more: its line may "
			       "be taken out of %s once every\nprogram has "
			       "read the file as it is now.\n",
			    k->id, c->settings.key_file);
	}
}

static int
say_uses(struct ctl *c, const struct seal_file *f)
{
	struct uses u = {.current = keyring_id(c->keys, 0)};
	struct errinfo ei;

	for (size_t n = 0; n < keyring_count(c->keys); n++)
		use_of(&u, keyring_id(c->keys, n))->in_file = true;
	printf("The current key is %s.  In use are:\n", u.current);
	if (sealed_uses(c->pg, take_use, &u, ctl_deadline(), &ei) != ERR_OK)
		return ctl_fail(&ei);
	if (*f->key_id != '\0')
		take_use(&u, f->key_id, "file of the proxy's credentials", 1);
	say_keys(c, &u);
	return CTL_OK;
}

static int
run(struct ctl *c, struct sealed_run *r)
{
	int64_t next_ms = clock_mono_ms() + PROGRESS_MS;
	struct errinfo ei;

	while (!r->over) {
		if (sealed_step(r, c->pg, c->keys, cannot_open, ctl_deadline(),
			&ei) != ERR_OK)
			return ctl_fail(&ei);
		if (clock_mono_ms() < next_ms)
			continue;
		next_ms = clock_mono_ms() + PROGRESS_MS;
		fprintf(stderr, "ewactl: %" PRId64 " values sealed anew\n",
		    r->resealed);
	}
	return CTL_OK;
}

int
cmd_secrets_rekey(struct ctl *c, const struct args *a)
{
	struct sealed_run r = {0};
	struct seal_file f;
	struct errinfo ei;
	int status = ctl_keys(c);

	(void)a;
	if (status == CTL_OK)
		status = ctl_open(c);
	if (status == CTL_OK)
		status = run(c, &r);
	if (status != CTL_OK)
		return status;
	seal_file_anew(c, &f, cannot_open);
	r.resealed += f.resealed;
	r.failed += f.failed;
	if (r.resealed + r.failed != 0 &&
	    sealed_audit(c->pg, c->actor, keyring_id(c->keys, 0), r.resealed,
		r.failed, ctl_deadline(), &ei) != ERR_OK)
		return ctl_fail(&ei);
	printf("%" PRId64 " values sealed anew under the key %s\n", r.resealed,
	    keyring_id(c->keys, 0));
	if (r.failed != 0)
		printf("%" PRId64 " can't be opened and stay as they are\n",
		    r.failed);
	status = say_uses(c, &f);
	return status == CTL_OK && r.failed != 0 ? CTL_REFUSED : status;
}
