#ifndef DS_API_AUDIT_PRIV_H
#define DS_API_AUDIT_PRIV_H

#include "dsaudit/dsaudit.h"
#include "model/model.h"
#include "model/schema.h"
#include "report/report.h"
#include "rules/rule.h"

/* One run. The command looks inside for what the public interface does not offer. */
struct ds_audit {
	struct ds_ctx ctx;       /* inputs, facts, model, findings */
	struct ds_ctx rules_ctx; /* rules and what is wrong with them */
	struct ds_schema schema;
	struct ds_ruleset rules;
	bool rules_loaded;
	struct ds_suppressions suppressions;
	bool rules_with_tests; /* set before anything is loaded, by those who run the tests */
	struct ds_model_options options;
	struct ds_facts facts;
	struct ds_model model;
	struct ds_report report;
	char error[1024];
};

/* Loads the built-in rules unless rules were set already. */
int ds_audit_load_rules(struct ds_audit *a);

#endif
