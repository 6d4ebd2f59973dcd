/* An automation for people and as JSON. */
#ifndef EWA_CTL_AUTOMATION_SHOW_H
#define EWA_CTL_AUTOMATION_SHOW_H

#include <json-c/json.h>

#include "domain/automation.h"

/* {"id","position","name","enabled","condition","kind","command"|"http"|"sql",
 *  "arguments","method","headers":[{"name","value"|null,"secret"}],
 *  "timeout","attempts","onFailure"} */
struct json_object *automation_json(const struct automation *a);
void automation_print(const struct automation *a);
void automation_print_list(const struct automation_list *l);

#endif
