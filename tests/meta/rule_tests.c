/*
 * Prints the inline tests of the embedded rules as JSON, for the test that
 * runs them through the command in other kinds of input:
 * [{"rule", "source", "name", "expect", "severity", "bundle"}]
 */
#include <unistd.h>

#include "report/json.h"
#include "rules/rule.h"
#include "yaml/scalar.h"

/* The depth is limited by the YAML reader. */
static void put_node(struct ds_json *j, const struct ds_yaml_node *n)
{
	char buf[DS_YAML_KEY_TEXT];
	struct ds_str text;
	int64_t number;
	bool truth;

	if (n->kind == DS_YAML_MAPPING) {
		ds_json_object(j);
		for (size_t i = 0; i < n->n; i++)
			if (ds_yaml_key_text(n->pairs[i].key, buf, &text)) {
				ds_json_key_str(j, text);
				put_node(j, n->pairs[i].value);
			}
		ds_json_end_object(j);
	} else if (n->kind == DS_YAML_SEQUENCE) {
		ds_json_array(j);
		for (size_t i = 0; i < n->n; i++)
			put_node(j, n->items[i]);
		ds_json_end_array(j);
	} else if (ds_yaml_as_string(n, &text) == 0) {
		ds_json_str(j, text);
	} else if (ds_yaml_as_int(n, 64, &number) == 0) {
		ds_json_int(j, number);
	} else if (ds_yaml_as_bool(n, &truth) == 0) {
		ds_json_bool(j, truth);
	} else {
		ds_json_string(j, NULL);
	}
}

static void put_member(struct ds_json *j, const struct ds_yaml_node *test, const char *key)
{
	const struct ds_yaml_node *n = ds_yaml_get(test, key);

	if (!n)
		return;
	ds_json_key(j, key);
	put_node(j, n);
}

static void put_test(struct ds_json *j, const struct ds_rule *rule, const struct ds_yaml_node *test)
{
	static const char *const keys[] = {"name", "expect", "severity", "bundle"};

	ds_json_object(j);
	ds_json_kv(j, "rule", rule->id);
	ds_json_kv(j, "source", rule->input->name);
	for (size_t i = 0; i < DS_ARRAY_SIZE(keys); i++)
		put_member(j, test, keys[i]);
	ds_json_end_object(j);
}

int main(void)
{
	_ds_ctx_done_ struct ds_ctx ctx = {0};
	struct ds_schema schema;
	struct ds_ruleset set = {.schema = &schema};
	struct ds_out out;
	struct ds_json j;

	if (ds_ctx_init(&ctx, 0) < 0 || ds_schema_init(ctx.arena, &schema) < 0 ||
	    ds_rules_load_builtin(&ctx, &set, true) < 0)
		return 1;
	ds_out_init(&out, STDOUT_FILENO);
	ds_json_init(&j, &out);
	ds_json_array(&j);
	for (size_t i = 0; i < set.rules.n; i++)
		for (size_t k = 0; k < set.rules.v[i]->tests->n; k++)
			put_test(&j, set.rules.v[i], set.rules.v[i]->tests->items[k]);
	ds_json_end_array(&j);
	return ds_out_close(&out) < 0;
}
