/* The handlers of the API, one file a resource; api.c has their table. */
#ifndef EWA_RESPONDER_API_OPS_H
#define EWA_RESPONDER_API_OPS_H

#include "responder/call.h"

/* api_session.c */
enum err api_info_get(struct call *c);
enum err api_session_post(struct call *c);
enum err api_session_get(struct call *c);
enum err api_session_delete(struct call *c);
enum err api_session_password(struct call *c);

/* api_users.c */
enum err api_users_get(struct call *c);
enum err api_users_post(struct call *c);
enum err api_user_get(struct call *c);
enum err api_user_patch(struct call *c);
enum err api_user_password(struct call *c);

/* api_tokens.c */
enum err api_tokens_get(struct call *c);
enum err api_tokens_post(struct call *c);
enum err api_token_delete(struct call *c);

/* The cookie's name: "__Host-" is in front of it under HTTPS. */
const char *session_cookie(const struct app *app);

#endif
