/*
 * Every recorded `kubeadm config validate` and `kubeadm init phase
 * control-plane all` (data/kubeadm.jsonl) against ds_kubeadm_eval: verdicts,
 * messages, warnings and the recorded flags, in order. DS_VECTORS names a folder
 * with a further kubeadm.jsonl.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "kube/kubeadm.h"
#include "yaml/scalar.h"

static const char *data_path;

static struct ds_str text(const struct ds_yaml_node *n)
{
	struct ds_str s = {0};

	assert_int_equal(ds_yaml_as_string(n, &s), 0);
	return s;
}

/* "ok" and the warnings, without klog's header "W1122 18:48:58.560819   22430 utils.go:69] ". */
static void add_output(struct ds_buf *b, struct ds_str recorded)
{
	struct ds_str line;
	bool done = false, first = true;

	while (ds_str_split(&recorded, '\n', &done, &line)) {
		size_t end = ds_str_search(line, DS_STR("] "));

		if (!first)
			ds_buf_addc(b, '\n');
		first = false;
		ds_buf_adds(b, ds_str_starts(line, "W") && end < line.n ? ds_str_skip(line, end + 2) : line);
	}
}

static void check_validate(struct ds_ctx *ctx, size_t row, const struct ds_yaml_node *want, const struct ds_verdict *v)
{
	_ds_buf_done_ struct ds_buf got = DS_BUF_INIT, recorded = DS_BUF_INIT;
	bool accepted;

	assert_int_equal(ds_yaml_as_bool(ds_yaml_get(want, "accepted"), &accepted), 0);
	if ((v->startup == DS_STARTUP_ACCEPTED) != accepted)
		fail_msg("line %zu: validate accepted is %d, want %d (%s)", row, v->startup, accepted,
			 v->errors.n ? v->errors.v[0].message : "");
	if (v->errors.n) {
		ds_buf_printf(&got, "error: %s", ds_verdict_printed(ctx->arena, v));
	} else {
		ds_buf_addz(&got, "ok");
		for (size_t i = 0; i < v->warnings.n; i++)
			ds_buf_printf(&got, "\n%s", v->warnings.v[i].message);
	}
	add_output(&recorded, text(ds_yaml_get(want, "output")));
	if (!ds_str_eq(ds_buf_str(&got), ds_buf_str(&recorded)))
		fail_msg("line %zu: validate says %s, want %s", row, got.p, recorded.p);
}

static void check_init(struct ds_ctx *ctx, size_t row, const struct ds_yaml_node *want, const struct ds_verdict *v)
{
	_ds_buf_done_ struct ds_buf got = DS_BUF_INIT;
	struct ds_str recorded = text(ds_yaml_get(want, "errors"));
	bool accepted;

	assert_int_equal(ds_yaml_as_bool(ds_yaml_get(want, "accepted"), &accepted), 0);
	if ((v->startup == DS_STARTUP_ACCEPTED) != accepted)
		fail_msg("line %zu: init accepted is %d, want %d", row, v->startup, accepted);
	if (v->errors.n)
		ds_buf_printf(&got, "error: %s", ds_verdict_printed(ctx->arena, v));
	if (!ds_str_eq(ds_buf_str(&got), recorded))
		fail_msg("line %zu: init says %s, want %.*s", row, got.p ? got.p : "nothing", DS_STR_ARG(recorded));
}

/* The flags that were recorded: those that concern addresses. */
static bool is_recorded(struct ds_str arg)
{
	static const char *const names[] = {
		"--advertise-address=", "--service-cluster-ip-range=", "--bind-address=",  "--allocate-node-cidrs=",
		"--cluster-cidr=",      "--node-cidr-mask-size",       "--feature-gates=",
	};

	for (size_t i = 0; i < DS_ARRAY_SIZE(names); i++)
		if (ds_str_starts(arg, names[i]))
			return true;
	return false;
}

/* An address that only the machine knew is a placeholder in ours. */
static bool is_same(struct ds_str got, struct ds_str want)
{
	if (ds_str_eqz(got, "--advertise-address=$(ADVERTISE_ADDRESS)"))
		return ds_str_starts(want, "--advertise-address=");
	return ds_str_eq(got, want);
}

static void check_flags(size_t row, const struct ds_yaml_node *want, const struct ds_kubeadm_result *res,
			enum ds_component c)
{
	const struct ds_kubeadm_component *got = NULL;
	size_t n = 0;

	for (size_t i = 0; i < res->components.n; i++)
		if (res->components.v[i].component == c)
			got = &res->components.v[i];
	if (!want) {
		assert_null(got);
		return;
	}
	assert_non_null(got);
	for (size_t i = 0; i < got->n_args; i++) {
		if (!is_recorded(got->args[i].text))
			continue;
		if (n >= want->n || !is_same(got->args[i].text, text(want->items[n])))
			fail_msg("line %zu: %s has %.*s at place %zu", row, ds_component_name(c),
				 DS_STR_ARG(got->args[i].text), n);
		n++;
	}
	if (n != want->n)
		fail_msg("line %zu: %s has %zu flags, want %u", row, ds_component_name(c), n, want->n);
}

static void check_row(size_t row, struct ds_str line)
{
	struct ds_yaml_stream record, config;
	struct ds_kubeadm_result res;
	const struct ds_yaml_node *root;
	struct ds_kube_version version;
	struct ds_ctx ctx;

	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	assert_int_equal(ds_yaml_load(&ctx, ds_ctx_input(&ctx, "record", "json"), line, &record), 0);
	root = record.docs[0].root;
	assert_int_equal(ds_yaml_load(&ctx, ds_ctx_input(&ctx, "config", "kubeadm"), text(ds_yaml_get(root, "config")),
				      &config),
			 0);
	assert_int_equal(ds_kube_version_parse(text(ds_yaml_get(root, "kubernetes")), &version), 0);
	assert_int_equal(ds_kubeadm_eval(&ctx, &config, version.minor, &res), 0);
	check_validate(&ctx, row, ds_yaml_get(root, "validate"), &res.validate);
	check_init(&ctx, row, ds_yaml_get(root, "init"), &res.init);
	check_flags(row, ds_yaml_get(root, "kube-apiserver"), &res, DS_KUBE_APISERVER);
	check_flags(row, ds_yaml_get(root, "kube-controller-manager"), &res, DS_KUBE_CONTROLLER_MANAGER);
	ds_ctx_done(&ctx);
}

static void replay(const char *path)
{
	struct ds_str all, line;
	bool done = false;
	size_t rows = 0;
	struct ds_ctx ctx;

	assert_int_equal(ds_ctx_init(&ctx, 0), 0);
	assert_int_equal(ds_file_read(ctx.arena, AT_FDCWD, path, DS_LIMIT_FILE_BYTES, &all, NULL), 0);
	while (ds_str_split(&all, '\n', &done, &line))
		if (line.n)
			check_row(++rows, line);
	assert_true(rows >= 100);
	ds_ctx_done(&ctx);
}

static void test_replay(void **state)
{
	(void)state;
	replay(data_path);
}

static void test_replay_folder(void **state)
{
	const char *folder = getenv("DS_VECTORS");
	char path[4096];

	(void)state;
	assert_true(snprintf(path, sizeof(path), "%s/kubeadm.jsonl", folder) < (int)sizeof(path));
	replay(path);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest own[] = {cmocka_unit_test(test_replay)};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_replay_folder),
	};

	if (argc != 2)
		return 2;
	data_path = argv[1];
	/* The second replays a folder, and there is one only when DS_VECTORS names it. */
	return getenv("DS_VECTORS") ? cmocka_run_group_tests(tests, NULL, NULL)
				    : cmocka_run_group_tests(own, NULL, NULL);
}
