#include "config.h"

#include "store/test_events.h"

#include "store/change.h"
#include "store/pgval.h"

static const struct pg_stmt insert_event = {"test_event_insert",
    "with e as (insert into ewa.event (id, integration_id, received_at,"
    "  deadline, content_type, headers, body, body_length, kind, test,"
    "  no_reply) values ($1, $2, now(), now() + $3 * interval '1 ms', $4,"
    "  '{}', $5, length($5), $6, true, $8)"
    " returning id, integration_id, deadline)"
    "insert into ewa.queue (event_id, integration_id, step, due_at, deadline,"
    " handled_at) select id, integration_id, case when $7 then 0 else 1 end,"
    " now(), deadline, case when $7 then null else now() end from e"};

static enum err
audit(struct change *c, const struct test_event *e)
{
	char id[UUID_TEXT_LEN + 1];
	struct buf b;
	enum err rc;

	uuid_format(&e->id, id);
	buf_init(&b, CHANGE_AUDIT_MAX);
	buf_addf(&b,
	    "{\"event\":\"%s\",\"run_automations\":%s,\"send_reply\":%s}", id,
	    e->run_automations ? "true" : "false",
	    e->send_reply ? "true" : "false");
	rc = change_audit(c, e->integration->id, "test", &b);
	buf_fini(&b);
	return rc;
}

enum err
test_events_send(struct pg *pg, struct test_event *e, const char *actor,
    int64_t deadline_ms, struct errinfo *ei)
{
	struct change c = {pg, actor, deadline_ms, ei, false};
	struct pg_params p;
	enum err rc = change_begin(&c);

	if (rc != ERR_OK)
		return rc;
	uuid7_new(&e->id);
	pg_params_init(&p);
	pg_add_uuid(&p, &e->id);
	pg_add_int4(&p, e->integration->id);
	pg_add_int8(&p, e->wait_ms);
	pg_add_text(&p, e->content_type);
	pg_add_bytes(&p, PG_BYTEA, e->body, e->body_len);
	pg_add_text(&p, event_kind_name(e->kind));
	pg_add_bool(&p, e->run_automations);
	pg_add_bool(&p, !e->send_reply);
	rc = change_run(&c, &insert_event, &p, NULL);
	if (rc == ERR_OK)
		rc = audit(&c, e);
	rc = change_end(&c, rc);
	if (rc == ERR_OK) /* a lost one is covered by the next poll */
		(void)pg_notify(pg, "ewa_event", deadline_ms, NULL);
	return rc;
}
