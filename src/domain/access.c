#include "config.h"

#include "domain/access.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/utf8.h"

static const char *const role_names[] = {"none", "viewer", "operator", "admin"};

const char *
role_name(enum role r)
{
	return role_names[r];
}

bool
role_parse(const char *name, enum role *out)
{
	for (int r = ROLE_VIEWER; r <= ROLE_ADMIN; r++)
		if (strcmp(name, role_names[r]) == 0) {
			*out = (enum role)r;
			return true;
		}
	return false;
}

bool
grants_add(struct grants *g, enum role role, const char *team)
{
	if (g->count == ACCESS_GRANTS_MAX)
		return false;
	g->items[g->count].role = role;
	g->items[g->count++].team = mem_strdup(team);
	return true;
}

void
grants_fini(struct grants *g)
{
	for (size_t n = 0; n < g->count; n++)
		free(g->items[n].team);
	g->count = 0;
}

static enum role
highest(const struct grants *g, const char *team, bool any)
{
	enum role best = ROLE_NONE;

	for (size_t n = 0; n < g->count; n++) {
		const struct grant *it = &g->items[n];

		if (it->role > best &&
		    (any || it->team == NULL ||
			(team != NULL && strcmp(it->team, team) == 0)))
			best = it->role;
	}
	return best;
}

enum role
grants_role(const struct grants *g, const char *team)
{
	/* an integration without a team belongs to nobody's */
	return highest(g, *team != '\0' ? team : NULL, false);
}

enum role
grants_role_all(const struct grants *g)
{
	return highest(g, NULL, false);
}

enum role
grants_role_any(const struct grants *g)
{
	return highest(g, NULL, true);
}

void
caller_fini(struct caller *c)
{
	free(c->name);
	free(c->display_name);
	grants_fini(&c->grants);
	memset(c, 0, sizeof(*c));
}

static bool
name_char(char c, bool first)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9'))
		return true;
	return !first && c != '\0' && strchr("._@+-", c) != NULL;
}

enum err
access_check_user_name(const char *name, struct errinfo *ei)
{
	size_t n = strlen(name);
	bool ok = n >= 1 && n <= ACCESS_USER_NAME_MAX;

	for (size_t k = 0; ok && k < n; k++)
		ok = name_char(name[k], k == 0);
	if (ok)
		return ERR_OK;
	return err_set(ei, ERR_UNPROCESSABLE,
	    "a user's name is 1 to %d letters, digits or . _ @ + -, and begins "
	    "with a letter or digit",
	    ACCESS_USER_NAME_MAX);
}

enum err
access_check_password(
    const char *fresh, const char *user_name, struct errinfo *ei)
{
	size_t n = utf8_length(fresh);

	if (!utf8_valid(fresh, strlen(fresh), NULL))
		return err_set(
		    ei, ERR_UNPROCESSABLE, "the password is not UTF-8");
	if (n < ACCESS_PASSWORD_MIN || n > ACCESS_PASSWORD_MAX)
		return err_set(ei, ERR_UNPROCESSABLE,
		    "a password has %d to %d characters", ACCESS_PASSWORD_MIN,
		    ACCESS_PASSWORD_MAX);
	if (strcasecmp(fresh, user_name) == 0)
		return err_set(ei, ERR_UNPROCESSABLE,
		    "the password must not be the user's name");
	return ERR_OK;
}
