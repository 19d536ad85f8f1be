/* The public API: the header's example, and what every function promises. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "dsaudit/service.h"

#define TEXT(s) (s), strlen(s)

static void example_of_the_header(void **state)
{
	struct ds_svc_server *server;
	struct ds_svc_answer *answer;
	static const char manifest[] = "metadata: {name: web}\n"
				       "spec: {ipFamilyPolicy: RequireDualStack, ports: [{port: 80}]}\n";

	(void)state;
	assert_int_equal(ds_svc_server_new("1.36", "10.96.0.0/16", &server), 0);
	assert_int_equal(ds_svc_create(server, manifest, sizeof(manifest) - 1, 0, &answer), 0);
	assert_false(ds_svc_answer_accepted(answer));
	assert_string_equal(
	    ds_svc_answer_message(answer),
	    "Service \"web\" is invalid: spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this "
	    "cluster is not configured for dual-stack services");
	ds_svc_answer_free(answer);
	ds_svc_server_free(server);
}

static void servers(void **state)
{
	static const struct {
		const char *version, *ranges;
		int want;
	} cases[] = {
	    {"1.20",    "10.96.0.0/16",                       0              },
	    {"v1.36.2", "fd00::/112,10.96.0.0/16",            0              },
	    {"v1.36.2", "fd00::/112,fd01::/112",              DS_SVC_ERANGE  },
	    {"1.36",    "10.0.0.0/8,fd00::/112,10.96.0.0/16", DS_SVC_ERANGE  },
	    {"1.36",    "10.0.0.0/8, fd00::/112",             DS_SVC_ERANGE  },
	    {"1.36",    "",				   DS_SVC_ERANGE  },
	    {"new",     "10.96.0.0/16",                       DS_SVC_EVERSION},
	    {"2.36",    "10.96.0.0/16",                       DS_SVC_EVERSION},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ds_svc_server *server = NULL;
		int got = ds_svc_server_new(cases[i].version, cases[i].ranges, &server);

		if (got != cases[i].want)
			fail_msg("%s %s: want %d, got %d", cases[i].version, cases[i].ranges, cases[i].want, got);
		assert_true(got == 0 ? server != NULL : server == NULL);
		assert_true(strlen(ds_svc_error_text(got)) > 0);
		ds_svc_server_free(server);
	}
	assert_string_equal(ds_svc_error_text(-99), "unknown error");
	assert_string_equal(ds_svc_error_text(1), "unknown error");
}

static void accepted_values(void **state)
{
	struct ds_svc_server *server;
	struct ds_svc_answer *answer;
	char manifest[] =
	    "{\"metadata\":{\"name\":\"web\"},\"spec\":{\"type\":\"LoadBalancer\",\"selector\":{\"a\":\"b\"},"
	    "\"ipFamilyPolicy\":\"PreferDualStack\",\"ports\":[{\"port\":80}],\"sesion\":1}}";

	(void)state;
	assert_int_equal(ds_svc_server_new("1.33", "fd00:10:96::/112,10.96.0.0/16", &server), 0);
	assert_int_equal(ds_svc_create(server, TEXT(manifest), DS_SVC_EXPLAIN, &answer), 0);
	ds_svc_server_free(server);
	memset(manifest, 'x', sizeof(manifest)); /* the answer keeps its own */
	assert_true(ds_svc_answer_accepted(answer));
	assert_false(ds_svc_answer_connection_dropped(answer));
	assert_int_equal(ds_svc_answer_code(answer), 0);
	assert_string_equal(ds_svc_answer_reason(answer), "");
	assert_string_equal(ds_svc_answer_message(answer), "");
	assert_string_equal(ds_svc_answer_value(answer, "type", 0), "LoadBalancer");
	assert_string_equal(ds_svc_answer_value(answer, "ipFamilies", 0), "IPv6");
	assert_string_equal(ds_svc_answer_value(answer, "ipFamilies", 1), "IPv4");
	assert_null(ds_svc_answer_value(answer, "ipFamilies", 2));
	assert_string_equal(ds_svc_answer_value(answer, "clusterIPs", 1), "<IPv4>");
	assert_string_equal(ds_svc_answer_value(answer, "selector", 0), "a=b");
	assert_string_equal(ds_svc_answer_value(answer, "allocateLoadBalancerNodePorts", 0), "true");
	assert_null(ds_svc_answer_value(answer, "externalName", 0));
	assert_string_equal(ds_svc_answer_warning(answer, 0), "unknown field \"spec.sesion\"");
	assert_null(ds_svc_answer_warning(answer, 1));
	assert_non_null(ds_svc_answer_step(answer, 0));
	assert_null(ds_svc_answer_step(answer, 100));
	ds_svc_answer_free(answer);
}

static void refused_update(void **state)
{
	static const char stored[] = "metadata: {name: web}\nspec: {clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], "
				     "ipFamilies: [IPv4], ipFamilyPolicy: SingleStack, ports: [{port: 80}]}";
	static const char manifest[] = "metadata: {name: web}\nspec: {clusterIP: 10.96.0.10, ports: [{port: 80}]}";
	struct ds_svc_server *server;
	struct ds_svc_answer *answer;
	const char *reason, *field, *message;

	(void)state;
	assert_int_equal(ds_svc_server_new("1.33", "10.96.0.0/16", &server), 0);
	assert_int_equal(ds_svc_update(server, TEXT(stored), TEXT(manifest), 0, &answer), 0);
	assert_int_equal(ds_svc_answer_code(answer), 422);
	assert_string_equal(ds_svc_answer_reason(answer), "Invalid");
	assert_true(ds_svc_answer_cause(answer, 0, &reason, &field, &message));
	assert_string_equal(reason, "FieldValueInvalid");
	assert_string_equal(field, "spec.clusterIPs[0]");
	assert_string_equal(message, "Invalid value: []string{\"10.96.0.10\"}: may not change once set");
	assert_false(ds_svc_answer_cause(answer, 1, &reason, &field, &message));
	assert_null(ds_svc_answer_step(answer, 0));
	ds_svc_answer_free(answer);
	ds_svc_server_free(server);
}

static void old_objects_are_read(void **state)
{
	static const char stored[] = "metadata: {name: web}\nspec: {clusterIP: None, ports: [{port: 80}]}";
	struct ds_svc_server *server;
	struct ds_svc_answer *answer;

	(void)state;
	assert_int_equal(ds_svc_server_new("1.30", "10.96.0.0/16", &server), 0);
	assert_int_equal(ds_svc_read(server, TEXT(stored), &answer), 0);
	assert_true(ds_svc_answer_accepted(answer));
	assert_string_equal(ds_svc_answer_value(answer, "ipFamilyPolicy", 0), "RequireDualStack");
	assert_string_equal(ds_svc_answer_value(answer, "ipFamilies", 1), "IPv6");
	ds_svc_answer_free(answer);
	ds_svc_server_free(server);
}

static void gates_and_taken_addresses(void **state)
{
	static const char manifest[] = "metadata: {name: web}\nspec: {clusterIP: 10.96.0.09, ports: [{port: 80}]}";
	struct ds_svc_server *server;
	struct ds_svc_answer *answer;

	(void)state;
	assert_int_equal(ds_svc_server_new("1.36", "10.96.0.0/16", &server), 0);
	assert_int_equal(ds_svc_server_set_gate(server, "NodeSwap", true), DS_SVC_EGATE);
	assert_int_equal(ds_svc_server_take(server, "10.96.0"), DS_SVC_EADDRESS);
	assert_int_equal(ds_svc_create(server, TEXT(manifest), 0, &answer), 0);
	assert_false(ds_svc_answer_accepted(answer)); /* leading zeros, 1.36 */
	ds_svc_answer_free(answer);
	assert_int_equal(ds_svc_server_set_gate(server, "StrictIPCIDRValidation", false), 0);
	assert_int_equal(ds_svc_create(server, TEXT(manifest), 0, &answer), 0);
	assert_true(ds_svc_answer_accepted(answer));
	ds_svc_answer_free(answer);
	for (int i = 20; i > 8; i--) {
		static const char *const taken[] = {"10.96.0.9", "10.96.1.1"};

		assert_int_equal(ds_svc_server_take(server, taken[i % 2]), 0);
	}
	assert_int_equal(ds_svc_create(server, TEXT(manifest), 0, &answer), 0);
	assert_string_equal(ds_svc_answer_message(answer),
			    "Service \"web\" is invalid: spec.clusterIPs: Invalid value: [\"10.96.0.09\"]: failed to "
			    "allocate IP 10.96.0.09: provided IP is already allocated");
	ds_svc_answer_free(answer);
	assert_int_equal(ds_svc_server_add_service_cidr(server, "10.96.0.0/33"), DS_SVC_ERANGE);
	assert_int_equal(ds_svc_server_add_service_cidr(server, "10.200.0.0/24"), 0);
	assert_int_equal(ds_svc_create(server, TEXT(manifest), 0, &answer), 0);
	assert_string_equal(ds_svc_answer_message(answer),
			    "Service \"web\" is invalid: spec.clusterIPs: Invalid value: [\"10.96.0.09\"]: failed to "
			    "allocate IP 10.96.0.09: the provided network does not match the current range");
	ds_svc_answer_free(answer);
	ds_svc_server_free(server);
}

static void manifests_that_are_none(void **state)
{
	static const char *const manifests[] = {"", "- a", "{", "a: [b", "5", "# only a comment\n"};
	struct ds_svc_server *server;
	struct ds_svc_answer *answer = NULL;

	(void)state;
	assert_int_equal(ds_svc_server_new("1.36", "10.96.0.0/16", &server), 0);
	for (size_t i = 0; i < sizeof(manifests) / sizeof(manifests[0]); i++)
		if (ds_svc_create(server, TEXT(manifests[i]), 0, &answer) != DS_SVC_EMANIFEST)
			fail_msg("%s is taken for a manifest", manifests[i]);
	assert_null(answer);
	ds_svc_answer_free(NULL);
	ds_svc_server_free(server);
	ds_svc_server_free(NULL);
}

static void strict_and_dry(void **state)
{
	static const char manifest[] = "metadata: {name: web}\nspec: {clusterip: 10.97.0.9, ports: [{port: 80}]}";
	struct ds_svc_server *server;
	struct ds_svc_answer *answer;

	(void)state;
	assert_int_equal(ds_svc_server_new("1.36", "10.96.0.0/16", &server), 0);
	assert_int_equal(ds_svc_create(server, TEXT(manifest), DS_SVC_STRICT, &answer), 0);
	assert_int_equal(ds_svc_answer_code(answer), 400);
	assert_string_equal(
	    ds_svc_answer_message(answer),
	    "Service in version \"v1\" cannot be handled as a Service: strict decoding error: unknown field "
	    "\"spec.clusterip\"");
	ds_svc_answer_free(answer);
	assert_int_equal(ds_svc_create(server, TEXT(manifest), DS_SVC_DRY_RUN, &answer), 0);
	assert_string_equal(ds_svc_answer_value(answer, "clusterIP", 0), "10.96.0.0");
	ds_svc_answer_free(answer);
	ds_svc_server_free(server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(example_of_the_header),   cmocka_unit_test(servers),
	    cmocka_unit_test(accepted_values),         cmocka_unit_test(refused_update),
	    cmocka_unit_test(old_objects_are_read),    cmocka_unit_test(gates_and_taken_addresses),
	    cmocka_unit_test(manifests_that_are_none), cmocka_unit_test(strict_and_dry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
