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

/* api_integrations.c */
enum err api_integrations_get(struct call *c);
enum err api_teams_get(struct call *c);
enum err api_integrations_post(struct call *c);
enum err api_integration_get(struct call *c);
enum err api_integration_patch(struct call *c);
enum err api_integration_delete(struct call *c);
enum err api_integration_copy(struct call *c);

/* api_operate.c */
enum err api_integration_token(struct call *c);
enum err api_integration_enable(struct call *c);
enum err api_integration_disable(struct call *c);
enum err api_pause_get(struct call *c);
enum err api_pause_post(struct call *c);
enum err api_integration_resume(struct call *c);

/* api_events.c, api_journey.c */
enum err api_events_get(struct call *c);
enum err api_events_count(struct call *c);
enum err api_event_get(struct call *c);
enum err api_event_body(struct call *c);
enum err api_event_reply(struct call *c);

/* api_changes.c, api_audit.c, api_refusals.c */
enum err api_changes_get(struct call *c);
enum err api_audit_get(struct call *c);
enum err api_refusals_get(struct call *c);

/* api_automations.c */
enum err api_automations_get(struct call *c);
enum err api_automations_post(struct call *c);
enum err api_automation_get(struct call *c);
enum err api_automation_patch(struct call *c);
enum err api_automation_delete(struct call *c);

enum err api_automations_order(struct call *c);

/* api_test.c */
enum err api_integration_test(struct call *c);
enum err api_automations_try(struct call *c);

/* api_report.c */
enum err api_report_get(struct call *c);

/* api_checks.c */
enum err api_check_timeout(struct call *c);
enum err api_check_url(struct call *c);
enum err api_check_jsonpath(struct call *c);

/* api_resend.c */
enum err api_event_resend(struct call *c);
enum err api_event_handle_again(struct call *c);
enum err api_events_resend(struct call *c);
enum err api_events_handle_again(struct call *c);

/* The event that the path names, if the caller has the role for it; *has is
 * the one they have. */
struct event;
enum err api_event_of(
    struct call *c, enum role role, struct event *out, enum role *has);

/* The integration as it is stored now, with its ETag (api_integrations.c);
 * token: shown this once, or NULL.  with_token: the member is there. */
enum err api_answer_integration(struct call *c, int status,
    const struct integration *i, bool with_token, const char *token);
/* What a change of an integration was refused for, as a fault of its field or
 * ERR_STALE. */
enum err api_integration_error(struct call *c, enum err e);

/* The cookie's name: "__Host-" is in front of it under HTTPS. */
const char *session_cookie(const struct app *app);

#endif
